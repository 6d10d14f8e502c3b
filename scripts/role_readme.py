"""Write each role's README.md from its argument_specs, defaults and outputs: role_readme.py [--check]."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import yaml

ROLES = Path(__file__).resolve().parents[1] / "roles"


def load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text()) if path.exists() else {}
    return found


def prose(text: str | list[str]) -> str:
    """Ansible's markup as Markdown, on one line."""
    lines = [text] if isinstance(text, str) else text
    plain = re.sub(r"\b[OVCM]\(([^)]*)\)", r"`\1`", " ".join(lines))
    return re.sub(r"\s+", " ", plain).strip()


def cell(value: Any) -> str:
    """A default as it may stand in a table; a template or a long value is told in words by the description."""
    if value is None or value == "" or "{{" in str(value):
        return ""
    shown = yaml.safe_dump(value, default_flow_style=True, width=10_000).removesuffix("...\n").strip()
    return f"`{shown}`" if len(shown) <= 90 else ""


def variable_rows(options: dict[str, Any], defaults: dict[str, Any]) -> list[str]:
    rows = ["| variable | type | default | what it is |", "| --- | --- | --- | --- |"]
    for name, option in options.items():
        kind = option.get("type", "str") + (f" of {option['elements']}" if "elements" in option else "")
        told = prose(option["description"])
        if "choices" in option:
            told += f" One of {', '.join(f'`{choice}`' for choice in option['choices'])}."
        rows.append(f"| `{name}` | {kind} | {cell(defaults.get(name))} | {told} |")
    return rows


def output_rows(outputs: dict[str, Any]) -> list[str]:
    rows = ["| fact | type | what it is |", "| --- | --- | --- |"]
    return rows + [f"| `{name}` | {told['type']} | {prose(told['description'])} |" for name, told in outputs.items()]


def readme(role: Path) -> str:
    """The README of the role in this folder."""
    specs = load(role / "meta/argument_specs.yml")["argument_specs"]
    defaults, outputs = load(role / "defaults/main.yml"), load(role / "meta/outputs.yml")
    main = specs["main"]
    others = [f"- `{name}`: {prose(spec['short_description'])}." for name, spec in specs.items() if name != "main"]
    parts = [
        "<!-- Written by scripts/role_readme.py from meta/argument_specs.yml and meta/outputs.yml. -->",
        f"# ha_stack.aws.{role.name}",
        f"{prose(main['short_description'])}.",
        prose(main["description"]),
        "## Variables",
        "\n".join(variable_rows(main["options"], defaults)),
        "## Facts",
        "Set when the role has run, in check mode too. The roles after it take them as their defaults.",
        "\n".join(output_rows(outputs)),
        "## Other entry points",
        "\n".join(others),
    ]
    return "\n\n".join(parts) + "\n"


def main(arguments: list[str]) -> int:
    stale = []
    for role in sorted(path.parent.parent for path in ROLES.glob("*/meta/argument_specs.yml")):
        target, text = role / "README.md", readme(role)
        if not target.exists() or target.read_text() != text:
            stale.append(target)
            if "--check" not in arguments:
                target.write_text(text)
    for target in stale:
        print(f"{target.relative_to(ROLES.parent)}: {'is stale' if '--check' in arguments else 'written'}")
    return int(bool(stale) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
