//! Parses values as Go's flag package does, with Go's error messages.

/// Parses an integer; a leading zero makes it octal.
pub(crate) fn integer(text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return Err(format!(
            "strconv.ParseInt: parsing {text:?}: invalid syntax"
        ));
    }
    // A leading zero makes it octal.
    let octal = digits.len() > 1 && digits.starts_with('0');
    let read = if octal {
        i64::from_str_radix(&text.replacen(digits, digits.trim_start_matches('0'), 1), 8).or_else(
            |error| {
                if digits.trim_start_matches('0').is_empty() {
                    Ok(0)
                } else {
                    Err(error)
                }
            },
        )
    } else {
        text.parse()
    };
    read.map_err(|_| {
        let why = if octal && digits.contains(['8', '9']) {
            "invalid syntax"
        } else {
            "value out of range"
        };
        format!("strconv.ParseInt: parsing {text:?}: {why}")
    })
}

/// Parses a boolean.
pub(crate) fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err(format!(
            "strconv.ParseBool: parsing {text:?}: invalid syntax"
        )),
    }
}

/// Parses a finite number.
pub(crate) fn float(text: &str) -> Result<f32, String> {
    text.parse()
        .ok()
        .filter(|value: &f32| value.is_finite())
        .ok_or_else(|| format!("strconv.ParseFloat: parsing {text:?}: invalid syntax"))
}

/// Parses a duration. Returns it in milliseconds, and whether that is exact.
pub(crate) fn milliseconds(text: &str) -> Result<(u64, bool), String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok((0, true));
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut nanoseconds = 0_i128;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(|| format!("time: missing unit in duration {text:?}"))?;
        let (number, after) = rest.split_at(end);
        let unit_end = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        nanoseconds += scaled(number, unit).ok_or_else(invalid)?;
        rest = after;
    }
    if nanoseconds > i128::from(i64::MAX) {
        return Err(invalid());
    }
    if negative && nanoseconds != 0 {
        return Ok((0, false));
    }
    let nearest = u64::try_from(nanoseconds / 1_000_000).map_err(|_| invalid())?;
    Ok((nearest, nanoseconds % 1_000_000 == 0))
}

/// Returns a number of a unit in nanoseconds. `None` if the number or the unit is invalid.
fn scaled(number: &str, unit: &str) -> Option<i128> {
    let unit: i128 = match unit {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || whole.len() > 19 || fraction.contains('.') {
        return None;
    }
    let fraction: String = fraction.chars().take(15).collect();
    let read = |digits: &str| {
        if digits.is_empty() {
            Some(0)
        } else {
            digits.parse::<i128>().ok()
        }
    };
    let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    Some(read(whole)? * unit + read(&fraction)? * unit / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_parsed_as_go_does() {
        for (text, read) in [
            ("0", Ok((0, true))),
            ("30s", Ok((30_000, true))),
            ("1m30s", Ok((90_000, true))),
            ("1.5s", Ok((1_500, true))),
            ("1h", Ok((3_600_000, true))),
            ("1us", Ok((0, false))),
            ("-1s", Ok((0, false))),
            ("5", Err("time: missing unit in duration \"5\"")),
            ("", Err("time: invalid duration \"\"")),
            ("1d", Err("time: invalid duration \"1d\"")),
        ] {
            assert_eq!(milliseconds(text), read.map_err(str::to_owned), "{text}");
        }
    }

    #[test]
    fn numbers_are_parsed_as_go_does() {
        for (text, read) in [
            ("7", Some(7)),
            ("-1", Some(-1)),
            ("+7", Some(7)),
            ("010", Some(8)),
            ("00", Some(0)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("08", None),
            ("7d", None),
            ("", None),
        ] {
            assert_eq!(integer(text).ok(), read, "{text}");
        }
        assert_eq!(boolean("T"), Ok(true));
        assert!(boolean("yes").is_err() && float("inf").is_err());
    }
}
