//! Comparison of policies, and random numbers.

#![allow(dead_code, reason = "each test uses a part of this")]

use audit_analysis::{Options as ProofOptions, diff};
use audit_policy::{KubernetesVersion, Policy, load};

/// Returns the policy of a text that the server must accept.
pub fn policy(text: &str) -> Policy {
    let loaded = load(text.as_bytes(), KubernetesVersion::NEWEST);
    assert_eq!(loaded.error, None, "{text}");
    loaded.policy.expect("a policy without an error")
}

/// Proves that two texts are equal policies: no request that could come gets another verdict.
pub fn is_equal(before: &str, after: &str) -> bool {
    let (before, after) = (policy(before), policy(after));
    let differences = diff(&before, &after, &[], ProofOptions::default());
    differences.expect("a small policy").is_empty()
}

/// A sequence of random numbers, the same in every run.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("below a usize")
    }

    /// Returns `true` once in a number of times.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// Returns one of several.
    pub fn of<T: Copy>(&mut self, several: &[T]) -> T {
        several[self.below(several.len())]
    }
}
