//! Units for people, by the same rules as on the page: superscripts, dots, and plurals of the names that models give to what they count.

/// Writes a unit for reading: `person/km^2` is "persons/km²". One of it has no plural.
pub fn unit_in_words(unit: &str, value: f64) -> String {
    if unit == "%" {
        return unit.to_owned();
    }
    let (mut over, mut under) = (Vec::new(), Vec::new());
    let (mut below, mut depth) = (false, 0_usize);
    let mut rest = unit;
    while let Some(end) = rest
        .find(['*', '/', '(', ')'])
        .or((!rest.is_empty()).then_some(rest.len()))
    {
        let factor = rest[..end].trim();
        if !factor.is_empty() && factor != "1" {
            if below { &mut under } else { &mut over }.push(factor);
        }
        // Inside brackets a product stays on its side.
        match rest[end..].chars().next() {
            Some('(') => depth += 1,
            Some(')') => depth = depth.saturating_sub(1),
            Some('/') => below = true,
            Some('*') if depth == 0 => below = false,
            _ => {}
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    let last = over.len();
    let numerator: Vec<String> = (1..)
        .zip(over)
        .map(|(position, factor)| in_words(factor, position == last && value.abs() != 1.0))
        .collect();
    let denominator: Vec<String> = under.into_iter().map(|factor| in_words(factor, false)).collect();
    let numerator = match numerator.join("·") {
        none if none.is_empty() && !denominator.is_empty() => "1".to_owned(),
        numerator => numerator,
    };
    match denominator.as_slice() {
        [] => numerator,
        [one] => format!("{numerator}/{one}"),
        many => format!("{numerator}/({})", many.join("·")),
    }
}

fn in_words(factor: &str, plural: bool) -> String {
    let (name, power) = factor.split_once('^').unwrap_or((factor, ""));
    let is_word = name.len() >= 4 && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let takes_plural =
        plural && power.is_empty() && is_word && !name.ends_with('s') && !name.ends_with("percent");
    let word = match name.strip_suffix('y') {
        Some(stem) if takes_plural && !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if takes_plural => format!("{name}s"),
        _ => name.to_owned(),
    };
    word.replace('_', " ") + &power.chars().map(raised).collect::<String>()
}

fn raised(digit: char) -> char {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    match digit {
        '-' => '⁻',
        _ => digit.to_digit(10).map_or(digit, |digit| DIGITS[digit as usize]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_read_as_on_the_page() {
        for (unit, value, words) in [
            ("", 2.0, ""),
            ("1", 2.0, ""),
            ("%", 2.0, "%"),
            ("km^2", 2.0, "km²"),
            ("person", 1.0, "person"),
            ("person", 0.0, "persons"),
            ("person/day", 3.0, "persons/day"),
            ("1/(person*day)", 3.0, "1/(person·day)"),
            ("round/week/km^2", 3.0, "rounds/(week·km²)"),
            ("battle_day*person", 3.0, "battle day·persons"),
            ("sortie", 2.0, "sorties"),
            ("country", 2.0, "countries"),
            ("day^-1", 2.0, "day⁻¹"),
            ("MWh", 2.0, "MWh"),
        ] {
            assert_eq!(unit_in_words(unit, value), words, "{unit}");
        }
    }
}
