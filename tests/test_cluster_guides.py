"""The guides for clusters: the commands in them, and in the Kubernetes manifests, have the options that they name."""

import re
from pathlib import Path

import click
import pytest
import typer
import yaml

pytest.importorskip("distributed")

import dask
from distributed.cli import dask_scheduler, dask_worker

from autograder.cli import app

ROOT = Path(__file__).resolve().parent.parent
MANIFESTS = ROOT / "examples" / "kubernetes"
GUIDE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
COMMANDS = {
    ("dask", "scheduler"): dask_scheduler.main,
    ("dask", "worker"): dask_worker.main,
    ("autograder", "grade"): typer.main.get_command(app).commands["grade"],
}


def documents():
    return [
        item for path in sorted(MANIFESTS.glob("*.yaml")) for item in yaml.safe_load_all(path.read_text())
    ]


def containers():
    return {
        item["metadata"]["name"]: item["spec"]["template"]["spec"]["containers"][0]
        for item in documents()
        if "template" in item["spec"]
    }


def parse(words):
    """What a command makes of its words; an error where there is no such option."""
    command = COMMANDS[words[0], words[1]]
    options, arguments, _ = command.make_parser(click.Context(command)).parse_args(list(words[2:]))
    return {name: value for name, value in options.items() if value is not None}, arguments


def test_a_wrong_option_is_seen():
    with pytest.raises(click.exceptions.NoSuchOption):
        parse(["dask", "worker", "--workers", "2"])


def test_what_the_manifests_start():
    found = containers()
    assert set(found) == {"dask-scheduler", "dask-worker", "grading"}
    read = {name: parse([*item["command"], *item["args"]]) for name, item in found.items()}
    (service,) = (item for item in documents() if item["kind"] == "Service")
    port = service["spec"]["ports"][0]["port"]
    assert str(read["dask-scheduler"][0]["port"]) == str(port)
    address = f"tls://{service['metadata']['name']}:{port}"
    options, arguments = read["dask-worker"]
    assert options["scheduler"] == address if "scheduler" in options else address in str(arguments)
    assert str(options["nthreads"]) == found["dask-worker"]["resources"]["limits"]["cpu"]
    assert {"name": "DASK_DISTRIBUTED__WORKER__DAEMON", "value": "False"} in found["dask-worker"]["env"]
    assert address in str(read["grading"][0])


def test_the_scheduler_remembers_little():
    """Else it holds the last thousand batches for each worker."""
    name, value = "DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH", "10"
    assert dask.config.collect_env({name: value}) == {"distributed": {"admin": {"low_level_log_length": 10}}}
    assert (
        dask.config.get("distributed.admin.low-level-log-length", None) is not None
    )  # it is still called so
    assert {"name": name, "value": value} in containers()["dask-scheduler"]["env"]
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    starts = [block for block in blocks if "dask scheduler" in block]
    assert len(starts) == 2
    assert all(f"{name}={value}" in block.partition("dask scheduler")[0] for block in starts)


def test_the_manifests_fit_together():
    labels = {
        item["spec"]["template"]["metadata"]["labels"]["app"]
        for item in documents()
        if "template" in item["spec"]
    }
    for item in documents():
        if item["kind"] == "NetworkPolicy":
            assert item["spec"]["podSelector"]["matchLabels"]["app"] in labels
            rules = [*item["spec"].get("ingress", []), *item["spec"].get("egress", [])]
            peers = [peer for rule in rules for peer in [*rule.get("from", []), *rule.get("to", [])]]
            assert {peer["podSelector"]["matchLabels"]["app"] for peer in peers} <= labels
    for container in containers().values():
        assert {"name": "tls", "mountPath": "/tls", "readOnly": True} in container["volumeMounts"]


def test_the_guide_s_commands():
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    seen = set()
    for line in lines:
        text = re.sub(r"\$\(.*\)", "x", line.partition("  #")[0]).replace("$tls", "").rstrip("& ")
        words = text.replace('"', " ").replace("'", " ").split()
        for start in range(len(words) - 1):
            if (words[start], words[start + 1]) in COMMANDS:
                parse(words[start:])
                seen.add((words[start], words[start + 1]))
                break
    assert seen == set(COMMANDS)
