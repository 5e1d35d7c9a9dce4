"""The generated pages of docs/ say what the code says."""

from django.core.management import call_command


def test_pages_are_up_to_date(capsys):
    call_command("write_docs", "--check")
    assert "up to date" in capsys.readouterr().out
