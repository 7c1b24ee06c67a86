//! Claims about flags of kube-apiserver.

use audit_types::excerpt::quote;

/// A claim about a flag: all that is given holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SettingClaim {
    /// Name of the flag, without `--`.
    pub flag: String,
    /// True if the flag has a value that is not empty, false if not.
    pub is_set: Option<bool>,
    /// The value, as it is written on the command line.
    pub value: Option<String>,
    /// The lowest number.
    pub at_least: Option<i64>,
    /// The highest number.
    pub at_most: Option<i64>,
}

impl SettingClaim {
    /// Describes the claim: "flag `--audit-log-maxage`: at least `30`".
    pub(crate) fn words(&self) -> String {
        let is_set = self.is_set.map(|is_set| match is_set {
            true => "set".to_owned(),
            false => "not set".to_owned(),
        });
        let parts = [
            is_set,
            self.value.as_ref().map(|value| quote(value)),
            self.at_least.map(|least| format!("at least `{least}`")),
            self.at_most.map(|most| format!("at most `{most}`")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let flag = quote(&format!("--{}", self.flag));
        format!("flag {flag}: {}", parts.join(", "))
    }

    /// Returns what is wrong with the value of the flag. `None` if it is as claimed. A flag that is not given has the value `None`.
    pub fn mismatch(&self, value: Option<&str>) -> Option<String> {
        let flag = format!("`--{}`", self.flag);
        let value = value.filter(|value| !value.is_empty());
        let found = match value {
            Some(value) => format!("{flag} is {}", quote(value)),
            None => format!("{flag} is not set"),
        };
        if self.is_set.is_some_and(|is_set| is_set != value.is_some()) {
            let expected = if value.is_some() {
                "no value"
            } else {
                "a value"
            };
            return Some(format!("expected {expected}, but {found}"));
        }
        if let Some(expected) = self.value.as_deref()
            && expected != value.unwrap_or_default()
        {
            return Some(format!("expected {}, but {found}", quote(expected)));
        }
        if self.at_least.is_none() && self.at_most.is_none() {
            return None;
        }
        let Some(number) = value.and_then(|value| value.parse::<i64>().ok()) else {
            return Some(format!("expected a number, but {found}"));
        };
        if let Some(least) = self.at_least.filter(|least| number < *least) {
            return Some(format!("expected at least `{least}`, but {found}"));
        }
        let most = self.at_most.filter(|most| number > *most)?;
        Some(format!("expected at most `{most}`, but {found}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_described() {
        let mut claim = SettingClaim {
            flag: "audit-log-maxage".to_owned(),
            at_least: Some(30),
            at_most: Some(90),
            ..SettingClaim::default()
        };
        let words = "flag `--audit-log-maxage`: at least `30`, at most `90`";
        assert_eq!(claim.words(), words);
        claim.is_set = Some(false);
        claim.at_least = None;
        claim.at_most = None;
        assert_eq!(claim.words(), "flag `--audit-log-maxage`: not set");
    }

    #[test]
    fn values_are_compared() {
        let claim = |change: &dyn Fn(&mut SettingClaim)| {
            let mut claim = SettingClaim {
                flag: "audit-log-maxage".to_owned(),
                ..SettingClaim::default()
            };
            change(&mut claim);
            claim
        };
        let least = claim(&|claim| claim.at_least = Some(30));
        let most = claim(&|claim| claim.at_most = Some(30));
        let set = claim(&|claim| claim.is_set = Some(true));
        let unset = claim(&|claim| claim.is_set = Some(false));
        let value = claim(&|claim| claim.value = Some("30".to_owned()));
        for (claim, found, is_met) in [
            (&least, Some("30"), true),
            (&least, Some("29"), false),
            (&least, Some("x"), false),
            (&least, None, false),
            (&most, Some("30"), true),
            (&most, Some("31"), false),
            (&set, Some("0"), true),
            (&set, Some(""), false),
            (&set, None, false),
            (&unset, None, true),
            (&unset, Some("1"), false),
            (&value, Some("30"), true),
            (&value, Some("030"), false),
        ] {
            assert_eq!(
                claim.mismatch(found).is_none(),
                is_met,
                "{claim:?} {found:?}"
            );
        }
        assert_eq!(
            least.mismatch(Some("7")).unwrap(),
            "expected at least `30`, but `--audit-log-maxage` is `7`"
        );
    }
}
