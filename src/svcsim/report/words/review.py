"""Words of the review in a score report: changes, talks, funnels, trends, gaps, cases."""

from __future__ import annotations

from svcsim.text import Text

REVIEW: dict[str, Text] = {
    "change_title": Text("What changed, and why", "变化与原因"),
    "change_intro": Text(
        "Against {period}. A change is split into what came (types, and how hard they were within "
        "a type), who handled it, and how the same people did on the same kinds; the parts sum "
        "to the whole. Intervals come from drawing days again.",
        "与 {period} 相比。变化拆分为：来了什么（类型，以及同类型内的难易）、由谁处理、"
        "同一批人处理同类工单做得如何；各部分之和等于总变化。区间由按天重新抽样得出。",
    ),
    "change_picture": Text("Parts of the desk's changes", "全台变化的构成"),
    "change_alt": Text("Parts of the change of {kpi}", "{kpi} 变化的构成"),
    "part_total": Text("in all", "合计"),
    "part_rate": Text("same people, same kinds", "同人同类"),
    "part_same_kinds": Text("same kinds", "同类工单"),
    "part_mix_category": Text("which types came", "类型构成"),
    "part_mix_difficulty": Text("how hard within types", "同类型难易"),
    "part_mix_agent": Text("who handled them", "由谁处理"),
    "points_of_share": Text("points", "百分点"),
    "change_types": Text("{kpi}: types that moved it most", "{kpi}：影响最大的类型"),
    "type": Text("Type", "类型"),
    "share_of": Text("Share before → now", "占比 前 → 今"),
    "value_of": Text("Value before → now", "数值 前 → 今"),
    "by_rate": Text("By doing better or worse", "做法的影响"),
    "by_mix": Text("By coming more or less", "来量的影响"),
    "from_to": Text("{before} → {now}", "{before} → {now}"),
    "coaching_title": Text("Talks before consequences", "先辅导，后奖惩"),
    "coaching_intro": Text(
        "Who lay on the worse side of the limit in two of the last three periods, the last one "
        "included, at equal mix of contacts, or has a flag to check. One KPI of one person "
        "gets here by luck alone about once in 800 times. Nobody is accused: the cause may lie "
        "in tools, shifts or the contacts given.",
        "最近三个周期中有两个（含本期）在同等来访构成下越过较差一侧的控制限，或有需核实的提示。"
        "单个人的单个指标仅凭运气进入此表的机会约为八百分之一。这不是指责：原因可能在工具、班次或分到的工单。",
    ),
    "coaching_none": Text(
        "Nobody: no unit lay outside its limit in two of the last three periods, and nothing is "
        "flagged.",
        "无：最近三个周期中没有对象两次越过控制限，也没有需核实的提示。",
    ),
    "why_talk": Text("What was seen", "观察到的情况"),
    "use": Text("Use of the KPI", "用途"),
    "without_action": Text("Next value without action", "不采取措施的下期预期"),
    "look_at": Text("Contacts to look at", "可一起看的工单"),
    "funnel_title": Text("Who differs by more than luck", "超出偶然波动的对象"),
    "funnel_intro": Text(
        "Each dot is one agent at equal mix of contacts. Between the dashed lines lie 95 % of "
        "agents who are equal (watch beyond), between the full ones 99.8 % (act beyond); the "
        "limits are widened where agents spread more than chance. Green is better, orange worse. "
        "This is not a ranking.",
        "每个点是一名坐席，已按同等来访构成比较。水平相同的坐席有 95% 落在虚线之间（之外为关注），"
        "99.8% 落在实线之间（之外为需处理）；坐席差异大于偶然时控制限已放宽。"
        "绿色较好，橙色较差。这不是排名。",
    ),
    "funnel_alt": Text("{kpi} against contacts, with limits", "{kpi} 与工单数，附控制限"),
    "funnel_n": Text("contacts (effective number)", "工单数（按信息量折算）"),
    "where_it_lies": Text("Where", "位置"),
    "others": Text("Others", "他人"),
    "limits": Text("95 % limits", "95% 控制限"),
    "funnel_watch": Text("watch", "关注"),
    "funnel_act": Text("act", "需处理"),
    "side_better": Text("better", "较好"),
    "side_worse": Text("worse", "较差"),
    "wide_note": Text(
        "{kpi}: agents spread {times} times as much as chance (kinds of work differ?)",
        "{kpi}：坐席差异为偶然波动的 {times} 倍（工作内容是否不同？）",
    ),
    "trend_title": Text("Over the last periods", "近期走势"),
    "trend_intro": Text(
        "{first} to {last}. A line is coloured where it moves by more than luck (of all coloured "
        "lines of a kind at most one in ten is expected to be luck): green to the better, orange "
        "to the worse.",
        "{first} 至 {last}。走势超出偶然波动时着色（着色者中预计最多十分之一出于偶然）："
        "绿色为变好，橙色为变差。",
    ),
    "trend_alt": Text("Values over the last periods", "近期各周期数值"),
    "trend_none": Text("No change seen in any of {n} lines.", "{n} 条走势均未见变化。"),
    "trend_few": Text(
        "Fewer than three whole periods: no trend can be told yet.",
        "完整周期不足三个，尚不能判断走势。",
    ),
    "trend_moves": Text(
        "{who}, {kpi}: {verdict} {slope} a period ({range})",
        "{who}，{kpi}：{verdict}，每期 {slope}（{range}）",
    ),
    "gaps_title": Text("Skill by type: training and models", "分类型能力：培训与示范"),
    "gaps_intro": Text(
        "Difference to the other people of the same team on the same kinds of contact, shrunk as "
        "far as it is noise. Listed are differences of {size} or more with probability {sure}.",
        "与同组他人处理同类工单的差距，已按噪声收缩。"
        "仅列出差距达到 {size} 的概率不低于 {sure} 者。",
    ),
    "gaps_none": Text(
        "No difference by type exceeds noise in this period ({n} compared).",
        "本期没有超出噪声的分类型差距（共比较 {n} 项）。",
    ),
    "gap_alt": Text("{kpi}: agents by type", "{kpi}：坐席与类型"),
    "gap": Text("Difference", "差距"),
    "gap_p": Text("Probability", "概率"),
    "gap_train": Text("training", "培训"),
    "gap_shows_how": Text("can show how", "可作示范"),
    "gap_how": Text("Suggestion", "建议"),
    "gap_more": Text("{n} more in scores.json", "另有 {n} 项见 scores.json"),
    "cases_title": Text("Typical cases to talk about", "典型案例"),
    "cases_intro": Text(
        "Contacts near the best and worst tenth of a team's, measured against what such a contact "
        "usually gives; not the wildest outliers. Those of every team and person are in "
        "scores.json.",
        "取自各组相对同类工单预期最好与最差十分之一附近的工单，而非极端个例。"
        "各组与每个人的案例见 scores.json。",
    ),
    "case_good": Text("good", "好"),
    "case_bad": Text("to learn from", "可改进"),
    "ticket": Text("Contact", "工单"),
    "expected": Text("Usual", "通常"),
}
