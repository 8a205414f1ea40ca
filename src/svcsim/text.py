"""Text: one sentence in English and Chinese, written by its author in both at once.

Whatever svcsim says in words is a `Text` made where the sentence is made, so that no table of
translations has to be kept in step with numbers, and no reader gets the other language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Self

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

LANGUAGES = ("en", "zh")


class Text(str):
    """A sentence that *is* its English and carries its Chinese.

    It compares, joins and formats as the English text does, so code that knows only texts goes on
    working; joining texts loses the Chinese, hence `in_` and `listed`.

    Parameters
    ----------
    en, zh : str
        The sentence in both languages; ``zh`` is empty where nobody wrote it (older files).
    """

    __slots__ = ("_zh",)
    _zh: str

    def __new__(cls, en: str, zh: str = "") -> Self:
        """Keep both sentences."""
        text = super().__new__(cls, en)
        text._zh = zh
        return text

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        """Return what makes an equal text: replications run in other processes."""
        return self.en, self.zh

    @property
    def en(self) -> str:
        """The English sentence."""
        return str(self)

    @property
    def zh(self) -> str:
        """The Chinese sentence, empty when there is none."""
        return self._zh

    def in_(self, lang: str) -> str:
        """Return the sentence in a language, or in the other one where it was not written."""
        return (self.zh or self.en) if lang == "zh" else (self.en or self.zh)

    def fill(self, **values: object) -> Text:
        """Return the text with its ``{blanks}`` filled in; a `Text` in a blank keeps its language.

        Raises
        ------
        KeyError
            When a blank gets no value.
        """
        one, other = (
            {name: v.in_(lang) if isinstance(v, Text) else v for name, v in values.items()}
            for lang in LANGUAGES
        )
        return Text(self.en.format(**one), self.zh.format(**other))

    @classmethod
    def same(cls, name: str) -> Self:
        """Return a name that is the same in both languages."""
        return cls(name, name)

    @classmethod
    def of(cls, value: Any) -> Self:
        """Return a text from itself, a plain English text, or ``{en: ..., zh: ...}``.

        Raises
        ------
        ValueError
            For anything else.
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return cls(value)
        if isinstance(value, Mapping) and "en" in value and set(value) <= set(LANGUAGES):
            return cls(str(value["en"]), str(value.get("zh") or ""))
        message = "expected a sentence, or {en: ..., zh: ...}"
        raise ValueError(message)

    def data(self) -> str | dict[str, str]:
        """Return what files hold: ``{en: ..., zh: ...}``, or the English text where it is alone."""
        return {"en": self.en, "zh": self.zh} if self.zh else self.en

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> Any:
        """Let declarations have texts as fields: read by `of`, written by `data`."""
        from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

        return handler.generate_schema(
            Annotated[Any, PlainValidator(cls.of), PlainSerializer(cls.data), WithJsonSchema(_JSON)]
        )


_JSON = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
            "required": ["en"],
            "additionalProperties": False,
        },
    ]
}


def listed(texts: Iterable[str], between: tuple[str, str] = ("; ", "；")) -> Text:
    """Return texts one after the other; ``between`` stands between them (English, Chinese)."""
    every = [Text.of(text) for text in texts]
    en, zh = between
    if not all(text.zh for text in every):
        return Text(en.join(text.en for text in every))
    return Text(en.join(text.en for text in every), zh.join(text.zh for text in every))
