"""``countysim new``: a workspace of one's own."""

from __future__ import annotations

from pathlib import Path

from sim.cli.common import chosen_language

WORDS = {
    "en": """\
next
  cd {folder}
  write your county's figures into {facts}
  countysim place new my-county --from-facts {facts}
or see what ships with countysim: countysim list""",
    "zh": """\
下一步
  cd {folder}
  把本县公布的数据写入 {facts}
  countysim place new my-county --from-facts {facts} --lang zh
也可先看自带内容：countysim list --lang zh""",
}


def new(folder: Path, lang: str | None = None) -> None:
    """Make a workspace of your own for counties, scenarios, figures and results."""
    from sim.scaffold.new_workspace import new_workspace

    spoken = chosen_language(lang)
    for path in new_workspace(folder):
        print(f"{'wrote' if spoken == 'en' else '已写入'}  {path.as_posix()}")
    print()
    print(WORDS[spoken].format(folder=folder.as_posix(), facts="calibration/evidence/reported_facts.csv"))
