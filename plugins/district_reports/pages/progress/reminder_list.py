"""Whom to remind, to take along: the sentence for each group, and the list for Excel."""

import io
from collections.abc import Sequence

import xlsxwriter
from starlette.responses import Response

from district_reports import clock
from district_reports.pages.attachments import XLSX, attachment
from district_reports.pages.progress.overview import Overview
from district_reports.pages.progress.pending_actions import Group, PendingAction, Task
from district_reports.pages.progress.several import key_of_status
from district_reports.pages.words import say
from district_reports.publish.printed import period_named
from district_reports.reference.english import called
from district_reports.workbook.formats import fit_to_paper
from district_reports.workbook.new_book import CREATED, safe

_COLUMNS = {
    "district": 14,
    "form": 16,
    "period": 14,
    "state": 10,
    "what": 30,
    "overdue": 10,
    "last_day": 12,
    "filler": 12,
    "telephone": 18,
    "reminders": 40,
}
"""Header → width."""


def reminder(group: Group, language: str) -> str:
    """What can be sent to the districts of a group as it is."""
    said = say(
        language,
        f"progress.reminder.{group.task}",
        districts=say(language, "progress.reminder.separator").join(
            called(action.status.district.name, language) for action in group.actions
        ),
        form=group.form.title,
        period=period_named(group.period.text, language),
    )
    if group.task is Task.ASK:
        return said
    due = "overdue" if group.overdue_days else "due"
    return said + say(language, f"progress.reminder.{due}", day=group.until, n=group.overdue_days)


def answer(told: Overview, language: str) -> Response:
    """The pending actions as a workbook; every text is a string cell, so none of them is computed."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, safe()) as book:
        book.set_properties({"title": say(language, "progress.list.title"), "created": CREATED})
        sheet = book.add_worksheet(say(language, "progress.list.title"))
        head = book.add_format({"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "valign": "top"})
        wrapped = book.add_format({"valign": "top", "text_wrap": True})
        for place, (name, width) in enumerate(_COLUMNS.items()):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, say(language, f"progress.list.{name}"), head)
        for number, action in enumerate(told.pending_actions, 1):
            for place, value in enumerate(_cells(action, told, language)):
                if isinstance(value, int):
                    sheet.write_number(number, place, value, wrapped)
                elif value:
                    sheet.write_string(number, place, value, wrapped)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(told.pending_actions), len(_COLUMNS) - 1)
        fit_to_paper(sheet)
    day = clock.today()
    return attachment(
        out.getvalue(), XLSX, say(language, "progress.list.file", day=day) + ".xlsx", f"reminders-{day}.xlsx"
    )


def _cells(action: PendingAction, told: Overview, language: str) -> Sequence[str | int]:
    status, contact = action.status, action.status.contact
    reminded = told.reminders.get(key_of_status(status))
    return (
        called(status.district.name, language),
        called(status.form.title, language),
        period_named(status.period.text, language),
        say(language, f"progress.state.{status.state}"),
        say(language, f"progress.task.{action.task}", n=status.rows_quarantined or 0),
        action.overdue_days,
        action.until.isoformat(),
        contact.filler if contact else "",
        (contact.telephone or "") if contact else "",
        say(
            language,
            "progress.reminded",
            moment=f"{reminded.reminded_at.astimezone(clock.ZONE):%m-%d %H:%M}",
            by=reminded.reminded_by,
        )
        + (say(language, "progress.reminded_note", note=reminded.note) if reminded.note else "")
        if reminded
        else "",
    )
