"""What numbers show as (ECMA-376 part 1, 18.8.31; Chinese programs' formats of 万)."""

import pytest

from district_reports.workbook.number_formats import as_shown, changes_numbers


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (0.55, "0%", "55%"),
        (0.5555, "0.00%", "55.55%"),
        (0.5, "0.0#%", "50.0%"),
        (-0.1, "0%;[Red]-0%", "-10%"),
        (-0.1, "0%", "-10%"),
        (55, '0"%"', "55%"),
        (12345, '0!.0,"万"', "1.2万"),
        (12345, '0\\.0,"万元"', "1.2万元"),
        (12345, '0"."0,"万"', "1.2万"),
        (123456, '0"."0000', "12.3456"),
        (1500, "0!.0,", "0.2"),
        (123456789, "0.00,,", "123.46"),
        (50000, '#,##0.00,"千元"', "50.00千元"),
        (5.2, '0.00"万元"', "5.20万元"),
        (5.2, 'G/通用格式"万"', "5.2万"),
        (5.2, 'General"万"', "5.2万"),
        (500, "0,", "1"),
        (12345, '[>=10000]0!.0,"万";0', "1.2万"),
        (123456789, '[>=100000000]0!.00,,"亿";[>=10000]0!.0,"万";0', "1.23亿"),
        (12345, '[DBNum1][$-804]0!.0,"万"', "1.2万"),
        (12345, '_ * 0!.0,"万"_ ;_ * -0!.0,"万"_ ;_ @_ ', "1.2万"),
    ],
)
def test_percent_and_larger_units(number, code, text):
    shown = as_shown(float(number), code)
    assert (shown.text, shown.is_scaled, shown.number) == (text, True, number)


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (123, "00000", "00123"),
        (123, '"T"00000', "T00123"),
        (123, "\\T00000", "T00123"),
        (7, "000-0000", "000-0007"),
        (5, '"第"0"号"', "第5号"),
        (123, "00000;@", "00123"),
    ],
)
def test_digits_and_letters_that_a_number_has_not(number, code, text):
    shown = as_shown(float(number), code)
    assert (shown.text, shown.is_scaled) == (text, False)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (123, "General"),
        (123, "@"),
        (123, "0"),
        (123, "#,##0"),
        (1234.5, "#,##0.00"),
        (1234, "¥#,##0.00;¥-#,##0.00"),
        (1234, '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ '),
        (1234, '_-[$¥-804]* #,##0_-;-[$¥-804]* #,##0_-;_-[$¥-804]* "-"_-;_-@_-'),
        (-3, "0_);[Red]\\(0\\)"),
        (210202, "000000"),
        (2102020001, "0000000000"),
        (123, '[>=10000]0!.0,"万";0'),
        (43900, "yyyy-mm-dd"),
        (43900, 'yyyy"年"m"月"d"日"'),
        (43900, "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy"),
        (0.5, "# ?/?"),
        (1234, "0.00E+00"),
        (0.5, "h:mm"),
        (1.5, "00000"),
        (1e16, "00000"),
        (float("inf"), "0%"),
    ],
)
def test_what_shows_as_it_is(number, code):
    assert as_shown(float(number), code) is None


@pytest.mark.parametrize(
    "code", ["", ";", ";;;", '"', "[", "\\", "0" * 5000, "%" * 50, "[>=" + "9" * 400 + "]0%", "_", "*"]
)
def test_a_crafted_format_does_no_harm(code):
    changes_numbers(code)
    as_shown(1.0, code)
    as_shown(-1e14, code)
