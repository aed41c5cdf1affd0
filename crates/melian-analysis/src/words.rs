//! Numbers in words, never more precise than they are.

/// Returns a number with as many digits as are known: the last digit shown is no smaller than the error's leading digit, and there are at
/// most four significant ones.
pub fn number(value: f64, error: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() { "not known" } else { "infinite" }.into();
    }
    if value == 0.0 {
        return "0".into();
    }
    let most = exponent(value) - 3;
    let last = if error.is_finite() && error > 0.0 {
        most.max(exponent(error))
    } else {
        most
    };
    at_digit(value, last)
}

/// Returns a number rounded to three significant digits.
pub fn short(value: f64) -> String {
    if value.is_finite() && value != 0.0 {
        at_digit(value, exponent(value) - 2)
    } else {
        number(value, 0.0)
    }
}

/// Digits further behind the point are shown as a power of ten (a choice by judgement).
const LAST_DECIMAL: i32 = -6;

/// Returns a number rounded to the digit that stands for `10^last`, with thousands set apart; in millions or billions where at most
/// four digits then stand behind the point.
pub fn at_digit(value: f64, last: i32) -> String {
    for (unit, power, word) in [(1e9, 9, "billion"), (1e6, 6, "million")] {
        // What rounds up to the unit is written in it.
        let half = (0..last.clamp(0, power)).fold(0.5, |half, _| half * 10.0);
        if last >= power - 4 && value.is_finite() && value.abs() + half >= unit {
            return format!("{} {word}", grouped(value / unit, last - power));
        }
    }
    grouped(value, last)
}

fn grouped(value: f64, last: i32) -> String {
    if last < LAST_DECIMAL && value != 0.0 {
        let digits = usize::try_from(exponent(value) - last).unwrap_or(0);
        return format!("{value:.digits$e}");
    }
    let decimals = if last < LAST_DECIMAL {
        0
    } else {
        usize::try_from(-last).unwrap_or(0)
    };
    // Powers of ten up to 10^22 are exact.
    let unit = (0..last.clamp(0, 22)).fold(1.0, |unit, _| unit * 10.0);
    let rounded = if last > 0 {
        (value / unit).round_ties_even() * unit
    } else {
        value
    };
    let text = format!("{rounded:.decimals$}");
    let (digits, negative) = match text.strip_prefix('-') {
        Some(digits) => (digits, digits.bytes().any(|b| (b'1'..=b'9').contains(&b))),
        None => (text.as_str(), false),
    };
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{}{grouped}{rest}", if negative { "-" } else { "" })
}

/// Returns a share as a percentage: whole, with a digit where that is known, and never 0% or 100% unless it is exact.
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return "not known".into();
    }
    let percent = share * 100.0;
    let size = percent.abs();
    if size > 0.0 && size < 0.1 {
        return if percent > 0.0 {
            "<0.1%".into()
        } else {
            ">-0.1%".into()
        };
    }
    if share < 1.0 && percent > 99.9 {
        return ">99.9%".into();
    }
    let last = if size > 0.0 && (size < 1.0 || (size > 99.0 && share < 1.0)) {
        -1
    } else {
        0
    };
    format!("{}%", at_digit(percent, last))
}

/// Returns the power of ten of the leading digit; 0 for zero.
pub fn exponent(value: f64) -> i32 {
    // The decimal printer is exact where a logarithm rounds.
    let text = format!("{:e}", value.abs());
    if value == 0.0 {
        0
    } else {
        text.rsplit('e').next().and_then(|e| e.parse().ok()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_below_the_error_are_not_shown() {
        assert_eq!(number(1234.567, 3.0), "1,235");
        assert_eq!(number(1234.567, 30.0), "1,230");
        assert_eq!(number(0.012_345, 0.001), "0.012");
        assert_eq!(number(-1234.567, 0.0), "-1,235");
        assert_eq!(number(312_345.0, 0.0), "312,300");
    }

    #[test]
    fn large_numbers_are_in_words() {
        assert_eq!(number(-2_096_312.0, 8_000.0), "-2.096 million");
        assert_eq!(number(2_412_345_678.0, 1e7), "2.41 billion");
        assert_eq!(number(1_234_567.0, 1.0), "1.235 million");
        assert_eq!(at_digit(1_234_567.0, 0), "1,234,567");
        assert_eq!(at_digit(-999_980.0, 5), "-1.0 million");
        assert_eq!(at_digit(940_000.0, 5), "900,000");
    }

    #[test]
    fn tiny_numbers_are_powers_of_ten() {
        assert_eq!(number(1.234_56e-13, 1e-14), "1.2e-13");
        assert_eq!(at_digit(0.0, -13), "0");
    }

    #[test]
    fn what_rounds_to_nothing_has_no_sign() {
        assert_eq!(number(-0.000_4, 1.0), "0");
        assert_eq!(number(0.0, 0.0), "0");
    }

    #[test]
    fn shares_are_never_certain_unless_they_are() {
        assert_eq!(percent(0.123_4), "12%");
        assert_eq!(percent(0.004), "0.4%");
        assert_eq!(percent(0.000_01), "<0.1%");
        assert_eq!(percent(0.999_99), ">99.9%");
        assert_eq!(percent(0.995), "99.5%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent(0.0), "0%");
    }
}
