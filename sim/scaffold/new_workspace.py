"""A workspace of one's own: places for scenarios, figures and results, and a short way to go on."""

from __future__ import annotations

from pathlib import Path

from sim.errors import UserError
from sim.evidence.facts import BOUNDS, COLUMNS, KINDS
from sim.evidence.sources import REPORTED, SOURCE_COLUMNS
from sim.scaffold.new_figures import STARTS_FROM
from sim.scaffold.new_text import BOM
from sim.workspace import library_root

EXAMPLE_ROWS = (
    "my-county-revenue-2024,my-county,fasteners,operating_revenue,2024-01,2024-12,36.5,亿元,exact,,level,report-2025,",
    "my-county-exports-2025-9m,my-county,fasteners,exports,2025-01,2025-09,1.8,亿元,at_least,累计,level,report-2025,",
)
FACTS = f"""\
{BOM}{",".join(COLUMNS)}
# Figures of your county, one a row, as printed. Lines that begin with # are not read.
# 本县公布数，每行一条，照原文填写；以 # 开头的行不读取
# place: the id of your county (my-county). industry: countysim place list shows those there are. 地方编号与产业
# variable: {" ".join(STARTS_FROM)}; growth: exports_yoy and so on. 指标；同比加 _yoy
# period_start and period_end: first and last month; a day counts with its month. 起止月份，时点数填同一月份
# value and unit: 36.5 and 亿元, or 3.65 and billion yuan; 万元 元 人 万人 家 户 个 % are known. 数值与单位分列
# bound: {" ".join(BOUNDS)} (突破 = at_least, 近 = at_most, 约 = about). 界限
# kind: {" ".join(KINDS)} (goal: an aim, never used to start from 目标). 类别
# source: the id of a publication in sources.csv. 来源编号
# Two invented examples 虚构示例:
# {EXAMPLE_ROWS[0]}
# {EXAMPLE_ROWS[1]}
"""
SOURCES = f"""\
{BOM}{",".join(SOURCE_COLUMNS)}
# Publications that figures are from. An invented example 来源，虚构示例:
# report-2025,政府工作报告,某县人民政府,2025-02-18,how to find it
"""
README = """\
# {name}

[中文](#中文)

A workspace of countysim. Commands run in it, or below it, find what is here and what ships with countysim.

| folder | holds |
|---|---|
| `scenarios/places/` | counties: the numbers they start from |
| `scenarios/` | baselines and scenarios |
| `calibration/evidence/` | figures as published (`reported_facts.csv`) and where (`sources.csv`) |
| `results/` | runs and comparisons |

1. Write your county's figures into `calibration/evidence/reported_facts.csv`: columns are explained there.
2. `countysim place new my-county --from-facts calibration/evidence/reported_facts.csv`
3. `countysim place check my-county`, and replace assumptions you know better in `scenarios/places/my-county.toml`
4. `countysim scenario new my-idea --from my-county-baseline`
5. `countysim run my-county-baseline my-idea -n 24`
6. `countysim compare my-idea my-county-baseline`

No figures at hand: `countysim demo` shows a shipped county, `countysim list` what there is.

# 中文

这是 countysim 的工作文件夹。在此文件夹（或其下级）运行命令，会同时读取这里的文件和软件自带的文件。

| 文件夹 | 内容 |
|---|---|
| `scenarios/places/` | 各县的起始数值 |
| `scenarios/` | 基线和方案 |
| `calibration/evidence/` | 公布的数据（`reported_facts.csv`）及来源（`sources.csv`） |
| `results/` | 推演和比较结果 |

1. 把本县公布的数据写入 `calibration/evidence/reported_facts.csv`（各列说明见文件内）
2. `countysim place new my-county --from-facts calibration/evidence/reported_facts.csv --lang zh`
3. `countysim place check my-county --lang zh`，并在 `scenarios/places/my-county.toml` 中替换更可靠的数
4. `countysim scenario new my-idea --from my-county-baseline --lang zh`
5. `countysim run my-county-baseline my-idea -n 24`
6. `countysim compare my-idea my-county-baseline --lang zh`

手头没有数据：`countysim demo --lang zh` 演示自带的县，`countysim list --lang zh` 列出已有内容。
"""


def new_workspace(folder: Path) -> tuple[Path, ...]:
    """Make a workspace and return the files in it.

    Raises
    ------
    UserError
        When the folder is a file, is not empty, or cannot be written. Nothing is ever overwritten.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file\n    name a folder that is empty or not there yet")
    if folder.is_dir() and any(folder.iterdir()):
        raise UserError(f"{folder} is not empty\n    name a folder that is empty or not there yet; nothing was written")
    name = "".join(letter for letter in folder.resolve().name if letter.isprintable()) or "countysim"
    evidence = folder / "calibration" / "evidence"
    schema = library_root() / "scenarios" / "schema.json"
    texts = {
        folder / "README.md": README.format(name=name),
        folder / "scenarios" / "schema.json": schema.read_text(encoding="utf-8"),
        evidence / REPORTED: FACTS,
        evidence / "sources.csv": SOURCES,
    }
    try:
        for below in ("scenarios/places", "calibration/evidence", "results"):
            (folder / below).mkdir(parents=True, exist_ok=True)
        for path, content in texts.items():
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(content)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror or error}") from None
    return tuple(texts)
