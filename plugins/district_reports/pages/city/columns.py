"""The words of the columns of a city table, as :mod:`district_reports.publish.column_words` reads them."""

from district_reports.publish import column_words
from district_reports.publish.column_words import TableWords as TableWords
from district_reports.settings import settings


def words_of(table: str, language: str) -> TableWords:
    """The words of `table`, of the deployment's own summaries.

    Raises:
        ReferenceDataError: a file of words makes no sense.
    """
    return column_words.words_of(settings().summaries, table, language)
