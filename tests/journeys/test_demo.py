"""The demo's story, played once as a user plays it: by the command, into a folder."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.verdict import read_outcome
from schemas.envelope import payload
from schemas.parse import parse

PROJECT = Path(__file__).resolve().parents[2]
PASSAVANT = (sys.executable, "-c", "from gateway.cli import main; main()")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PROJECT)}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a demo that ended well, and what its console said."""
    output = tmp_path_factory.mktemp("demo") / "demo-output"
    ended = subprocess.run(
        [*PASSAVANT, "demo", "--output", output],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return output, ended.stdout


def timeline(output: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((output / "timeline.json").read_text())
    return found


def reports(output: Path) -> list[dict[str, Any]]:
    """What the hub reported of each licence at the end."""
    return [entry["dossier"] for entry in timeline(output) if "dossier" in entry]


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, env=ENVIRONMENT, capture_output=True, text=True, check=False)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_licences_end_in_the_states_of_the_story(played: tuple[Path, str]) -> None:
    argan, olive = reports(played[0])
    assert (argan["state"], argan["state_fr"]) == ("cleared", "Apuré")
    assert (olive["state"], olive["state_fr"]) == ("cancelled", "Annulé")
    assert (argan["version"], olive["version"]) == (1, 3)


def test_the_balances_are_those_of_the_ledger(played: tuple[Path, str]) -> None:
    argan, olive = reports(played[0])
    found = [
        tuple(Decimal(one[column]) for column in ("granted", "imputed", "remaining"))
        for one in (*argan["balances"], *olive["balances"])
    ]
    expected = ("4000 4000 0", "2000 2000 0", "16000 0 16000", "9000 0 9000")
    assert found == [tuple(map(Decimal, row.split())) for row in expected]


def test_the_console_tells_every_act_to_a_log(played: tuple[Path, str]) -> None:
    _, said = played
    for sentence in (
        "The hub opens",
        "mistakes at once",
        "refused whole",
        "identical bytes",
        "a signed rejection",
        "all of it reserved",
        "line 1 agrees, line 2 differs",
        "one link taken out breaks them",
        "that of an altered copy does not",
        "Apuré",
        "Annulé",
        "All of it holds",
    ):
        assert sentence in said
    assert "\x1b[" not in said


def test_every_message_has_its_number_receipt_and_outcome(played: tuple[Path, str]) -> None:
    names = {file.name for file in (played[0] / "messages").iterdir()}
    numbers = sorted({int(name[:3]) for name in names})
    assert numbers == list(range(1, len(numbers) + 1))
    assert "001-coop-atlas-LicenceApplication-save.xml" in names
    sent = [name for name in names if re.fullmatch(r"\d{3}-(?!.*-received-)[^.]+\.xml", name)]
    for name in sent:
        stem = name.removesuffix(".xml")
        if name.endswith("-tampered.xml"):
            assert f"{stem}.rejection.xml" in names
        else:
            assert {f"{stem}.receipt.xml", f"{stem}.outcome.xml"} <= names
    received = {name.rpartition("-")[2] for name in names if "-received-" in name}
    assert {
        "VisaRequest.xml",
        "LicenceNotice.xml",
        "Notification.xml",
        "BalanceReport.xml",
        "StatusReport.xml",
        "ExtensionRequest.xml",
        "ClearanceProposal.xml",
        "CertificateNotice.xml",
    } <= received


def test_the_same_message_twice_got_the_same_receipt(played: tuple[Path, str]) -> None:
    (again,) = (played[0] / "messages").glob("*.receipt-again.xml")
    first = again.with_name(again.name.replace("receipt-again", "receipt"))
    assert again.read_bytes() == first.read_bytes()


def test_the_ministry_was_killed_and_the_request_came_after_its_return(
    played: tuple[Path, str],
) -> None:
    whats = [(entry["who"], entry["what"]) for entry in timeline(played[0])]
    killed = whats.index(("story", "kills the ministry's server"))
    back = whats.index(("story", "starts the ministry again"))
    submitted = whats.index(("coop-atlas", "sends LicenceApplication submit"), killed)
    came = whats.index(("mce", "receives VisaRequest"), killed)
    assert killed < submitted < back < came


def codes(output: Path, words: str, kind: str = "errors") -> list[list[str]]:
    """The codes in the outcome of each message whose file ends so, in order."""
    files = sorted((output / "messages").glob(f"*-{words}.outcome.xml"))
    found = [read_outcome(file.read_bytes())[kind] for file in files]
    return [[problem["code"] for problem in problems] for problems in found]


def test_what_was_refused_names_its_reason_in_its_outcome(played: tuple[Path, str]) -> None:
    output, _ = played
    assert codes(output, "Imputation-excessive") == [["PSV-707"]]
    assert codes(output, "Imputation-olives") == [["PSV-801"]]
    assert codes(output, "ImputationStatement", "warnings") == [["PSV-729", "PSV-730"]]
    assert codes(output, "Imputation-last", "warnings") == [[], ["PSV-719"]]
    assert codes(output, "RepatriationProof-first") == [[], ["PSV-755"]]
    assert codes(output, "TakingCharge-take") == [["PSV-844"], [], []]


def test_the_recall_was_acknowledged_before_the_licence_was_cancelled(
    played: tuple[Path, str],
) -> None:
    _, olive = reports(played[0])
    leaving, left = (f"accepted {olive['number']} {s}" for s in ("En cours d'annulation", "Annulé"))
    results = [(entry["what"], entry["result"]) for entry in timeline(played[0])]
    asked = results.index(("receives an outcome", leaving))
    answered = results.index(("sends Acknowledgement", "received"), asked)
    assert ("receives an outcome", left) not in results[:answered]
    assert ("receives an outcome", left) in results[answered:]


def test_the_papers_left_are_those_filed_and_those_issued(played: tuple[Path, str]) -> None:
    names = sorted(file.name for file in (played[0] / "papers").iterdir())
    kinds = "FA|BA|CQ|AR|ND|LC|CI|BC"
    filed = [name for name in names if re.match(rf"({kinds})-\d{{4}}-\d+\.pdf$", name)]
    assert len(filed) == 16  # invoices, analyses, attestations, a debit note, papers of crafts
    of_licences = [name for name in names if name.startswith("LE-")]
    assert [name.rpartition("-")[2] for name in of_licences] == [
        "blank.pdf",
        "history.xlsx",
        "licence.pdf",
    ] * 2
    others = sorted(set(names) - set(filed) - set(of_licences))
    assert others == [f"BM-{of_licences[0][3:7]}-1-certificate.pdf", "altered-licence.pdf"]
    assert all(
        (played[0] / "papers" / name).read_bytes()[:5] == b"%PDF-"
        for name in names
        if name.endswith(".pdf")
    )


@pytest.mark.parametrize(
    ("name", "holds"),
    [("LE-*-licence.pdf", True), ("BM-*-certificate.pdf", True), ("altered*.pdf", False)],
)
def test_sealed_papers_hold_without_the_hub_and_an_altered_copy_does_not(
    played: tuple[Path, str], name: str, holds: bool
) -> None:
    output, _ = played
    files = sorted((output / "papers").glob(name))
    assert files
    for file in files:
        trusted = ("--hub-cert", output / "hub.cert.pem")
        ours = run(*PASSAVANT, "verify", file, *trusted)
        theirs = run("pdfsig", "-nocert", file)
        assert (ours.returncode == 0) is holds, ours.stdout + ours.stderr
        assert ("Signature is Valid" in theirs.stdout) is holds, theirs.stdout
        if holds:
            assert run("qpdf", "--check", file).returncode == 0


def test_the_cancelled_licence_bears_its_watermark_and_the_cleared_one_its_declarations(
    played: tuple[Path, str],
) -> None:
    cleared, cancelled = (
        "".join(run("pdftotext", "-raw", file, "-").stdout.split())  # turned text: by letter
        for file in sorted((played[0] / "papers").glob("LE-*-licence.pdf"))
    )
    assert "ANNULÉ" in cancelled
    assert "ANNULÉ" not in cleared
    for declaration in ("0004711A", "0004835C", "0005017K", "0005133M", "0005208P"):
        assert declaration in cleared


def test_customs_was_told_of_the_certificate_that_the_weavers_fetched(
    played: tuple[Path, str],
) -> None:
    output, _ = played
    (paper,) = (output / "papers").glob("BM-*-certificate.pdf")
    told = list((output / "messages").glob("*-adii-received-CertificateNotice.xml"))
    (notice,) = [payload(parse(file.read_bytes())) for file in told]
    digests = [element.text for element in notice.iter("{*}Digest")]
    assert digests == [hashlib.sha256(paper.read_bytes()).hexdigest()]
    text = run("pdftotext", "-layout", paper, "-").stdout
    assert "BM-" in text
    assert "ART-BM-02218" in text


def test_the_service_says_yes_once_and_no_once(played: tuple[Path, str]) -> None:
    output, said = played
    ends = [
        read_outcome(file.read_bytes())["dossier"]
        for words in ("CertificateIssue-issue", "InspectionDecision-refuse")
        for file in (output / "messages").glob(f"*-{words}.outcome.xml")
    ]
    year = ends[0]["number"].split("-")[1]
    assert [(one["number"], one["state"]) for one in ends] == [
        (f"BM-{year}-1", "closed"),
        (f"BM-{year}-2", "closed"),
    ]
    assert "units: 12 → 11" in said


def test_the_outcomes_alone_prove_the_balance_and_one_less_does_not(
    played: tuple[Path, str],
) -> None:
    output, _ = played
    outcomes = sorted((output / "messages").glob("*-adii-Imputation-*.outcome.xml"))
    second = next(file for file in outcomes if file.name.endswith("-second.outcome.xml"))
    trusted = ("--hub-cert", output / "hub.cert.pem")
    whole = run(*PASSAVANT, "verify", *outcomes, *trusted)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert "4000 LTR imputed, 0 LTR remain" in whole.stdout
    less = run(*PASSAVANT, "verify", *(one for one in outcomes if one != second), *trusted)
    assert less.returncode == 1
    assert "a link is missing" in less.stdout + less.stderr


def test_the_schema_accepts_every_kept_message(played: tuple[Path, str]) -> None:
    files = sorted((played[0] / "messages").glob("*.xml"))
    schema = PROJECT / "schemas" / "xsd" / "passavant.xsd"
    subprocess.run(
        ["xmllint", "--noout", "--schema", schema, *files],
        capture_output=True,
        check=True,
    )


def test_no_process_of_the_demo_is_left(played: tuple[Path, str]) -> None:
    pids = {entry["pid"] for entry in timeline(played[0]) if "pid" in entry}
    assert len(pids) == 9  # hub, seven partners, and the ministry twice
    assert not [pid for pid in pids if alive(pid)]


def test_the_journal_of_the_demo_shows_when_it_was_changed(
    played: tuple[Path, str], tmp_path: Path
) -> None:
    output, _ = played
    changed = tmp_path / "journal.jsonl"
    text = (output / "journal.jsonl").read_text()
    assert "adii" in text
    changed.write_text(text.replace("adii", "adie", 1))
    words = ("journal", "verify", "--hub-cert", output / "hub.cert.pem")
    for file, status in ((output / "journal.jsonl", 0), (changed, 1)):
        ended = subprocess.run(
            [*PASSAVANT, *words, file], env=ENVIRONMENT, capture_output=True, check=False
        )
        assert ended.returncode == status


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    ended = subprocess.run(
        [*PASSAVANT, "demo", "--output", mine],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "no demo wrote" in ended.stdout
    assert [file.name for file in mine.iterdir()] == ["letter.txt"]


def test_ctrl_c_ends_every_process(tmp_path: Path) -> None:
    output = tmp_path / "demo-output"
    demo = subprocess.Popen(
        [*PASSAVANT, "demo", "--output", output],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if "saves a draft" in line:
                break
        demo.send_signal(signal.SIGINT)
        rest = demo.stdout.read()
    assert demo.returncode == 130, rest
    assert "interrupted" in rest
    pids = [entry["pid"] for entry in timeline(output) if "pid" in entry]
    assert len(pids) == 8
    deadline = time.monotonic() + 5
    while (left := [pid for pid in pids if alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left


def test_the_demo_fails_when_something_does_not_hold(tmp_path: Path) -> None:
    """A hub that cannot start: the failing step is named, with the last lines of its log."""
    output = tmp_path / "demo-output"
    crippled = tmp_path / "path"
    shutil.copytree(PROJECT / "gateway", crippled / "gateway")
    for room in ("handlers", "schemas", "storage", "samples"):
        (crippled / room).symlink_to(PROJECT / room)
    (crippled / "gateway" / "deliver.py").write_text('raise SystemExit("no couriers today")\n')
    ended = subprocess.run(
        [*PASSAVANT, "demo", "--output", output],
        env={**os.environ, "PYTHONPATH": str(crippled)},
        cwd=crippled,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "✗" in ended.stdout
    assert "passavant serve" in ended.stdout
    assert "no couriers today" in ended.stdout
