"""``svcsim report``: render a results folder again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcsim.cli.folders import page_name
from svcsim.cli.inputs import check_output
from svcsim.cli.output import Output, common_options
from svcsim.cli.trace import kept_hour
from svcsim.errors import Finding, InputError

if TYPE_CHECKING:
    from svcsim.report.document import Document

KNOWN = ("proposal.json", "scores.json", "summary.json", "*.yaml")
"""What a results folder may hold, by name."""


@click.command(epilog="Example: svcsim report results/demo --lang zh")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--format", "kind", type=click.Choice(["html", "md"]), default="html")
@common_options
def command(folder: Path, kind: str, out: Output) -> int:
    """Render a results folder (or one file of it) again, in English or Chinese.

    Finds proposal.json, scores.json, summary.json with kpis.parquet, and baselines (YAML). Chinese
    pages get names of their own, such as proposal.zh.html.
    """
    from svcsim.report.render import to_html, to_markdown

    written = []
    for source, document in _documents(folder, out.lang):
        stem = "kpis" if source.name == "summary.json" else source.stem
        page = source.with_name(page_name(stem, out.lang, kind))
        check_output(page, "FOLDER", (f".{kind}",), (source,))
        text = to_html(document) if kind == "html" else to_markdown(document)
        page.write_text(text, encoding="utf-8")
        written.append(str(page))
    for name in written:
        out.print(name)
    out.emit({"folder": str(folder), "files": written})
    return 0


def _documents(folder: Path, lang: str) -> list[tuple[Path, Document]]:
    """Return a document for every result that is found."""
    if not folder.exists():
        raise InputError(Finding(str(folder), "no such folder", "expected a results folder"))
    files = [folder] if folder.is_file() else sorted(p for n in KNOWN for p in folder.glob(n))
    found = [(path, _document(path, lang)) for path in files]
    made = [(path, document) for path, document in found if document is not None]
    if not made:
        raise InputError(
            Finding(
                str(folder),
                "holds nothing that can be shown",
                f"expected one of: {', '.join(KNOWN)} (a baseline)",
                "make results first, e.g. svcsim demo -o results/demo",
            )
        )
    return made


def _document(path: Path, lang: str) -> Document | None:
    """Return the document of one result file; None for a YAML file that is no baseline."""
    if path.suffix in (".yaml", ".yml"):
        return _baseline(path, lang)
    data = _json(path)
    if path.name.startswith("summary"):
        return _simulation(path, data, lang)
    if "units" in data and "kpis" in data:
        from svcsim.report.score_report import scores_document

        return scores_document(data, lang)
    if "stages" not in data:
        raise InputError(Finding(str(path), "is neither a proposal nor scores nor a summary"))
    from svcsim.report.proposal_report import proposal_document
    from svcsim.targets.proposal import Proposal

    return proposal_document(Proposal.from_data(data, str(path)), lang)


def _simulation(path: Path, data: dict[str, Any], lang: str) -> Document:
    from svcsim.report.kpi_report import kpis_document
    from svcsim.study.experiment import read_table

    table = path.with_name("kpis.parquet")
    if not table.is_file():
        raise InputError(Finding(str(table), "no such file", f"{path.name} needs it beside it"))
    return kpis_document(data, read_table(table), lang, kept_hour(path.parent))


def _baseline(path: Path, lang: str) -> Document | None:
    from svcsim.model.baseline import Baseline
    from svcsim.model.fidelity import read_full
    from svcsim.report.baseline_report import baseline_document

    head = path.read_text(encoding="utf-8", errors="replace")[:400]
    if "schema: svcsim.baseline" not in head:
        return None
    baseline = Baseline.from_yaml(path)
    full = read_full(baseline.fidelity, path)
    return baseline_document(baseline.model_copy(update={"fidelity": full}), lang)


def _json(path: Path) -> dict[str, Any]:
    import json

    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        if path.suffix == ".json" and path.stat().st_size:
            found = f"cannot be read as JSON: it is damaged at line {error.lineno}"
            raise InputError(Finding(str(path), found, "", "make the results again")) from None
        raise InputError(_foreign(path)) from None
    except UnicodeDecodeError:
        raise InputError(_foreign(path)) from None
    if not isinstance(data, dict):
        raise InputError(Finding(str(path), "is not a JSON object", "expected a result of svcsim"))
    return data


def _foreign(path: Path) -> Finding:
    expected = f"expected a results folder or one of its files: {', '.join(KNOWN)}"
    return Finding(str(path), "is not a result of svcsim", expected)
