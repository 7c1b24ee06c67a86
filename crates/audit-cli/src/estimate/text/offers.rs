//! Proposed rules, for people.

use std::io::Write;

use audit_volume::suggest::{CandidateResult, NoiseCandidate, SuggestedRule, Suggestion};

use crate::error::Result;
use crate::estimate::proposals::Proposed;
use crate::estimate::words::{bytes, counted, request, target};
use crate::terminal::safe;

/// Prints each proposal, why there is none for other groups, and what they come to.
pub(super) fn print(proposed: &Proposed, out: &mut impl Write) -> Result {
    let groups = &proposed.found.groups;
    if proposed.together.rules == 0 {
        writeln!(out, "\nno rule is proposed")?;
    }
    for CandidateResult {
        candidate: noise,
        suggestion: offer,
    } in groups
    {
        if let Suggestion::Rule(proposal) = offer {
            offered(noise, proposal, out)?;
        }
    }
    let mut refused = groups
        .iter()
        .filter_map(
            |CandidateResult {
                 candidate: noise,
                 suggestion: offer,
             }| match offer {
                Suggestion::None { explanation, .. } => Some((noise, explanation)),
                Suggestion::Rule(_) => None,
            },
        )
        .peekable();
    if refused.peek().is_some() {
        writeln!(out, "\nno rule for")?;
    }
    for (noise, explanation) in refused {
        writeln!(
            out,
            "  {} with {}: {}",
            spoken(noise),
            bytes(noise.written.bytes),
            safe(explanation)
        )?;
    }
    if proposed.together.rules > 0 {
        writeln!(out, "\n{}", proposed.together.sentence())?;
        writeln!(out, "{}", proposed.together.proof.sentence())?;
    }
    Ok(())
}

fn offered(noise: &NoiseCandidate, proposal: &SuggestedRule, out: &mut impl Write) -> Result {
    let is_write = if proposal.is_write {
        " (these are writes)"
    } else {
        ""
    };
    writeln!(
        out,
        "\nproposed for {}{is_write}: saves {} with {}, before rule {}",
        spoken(noise),
        counted(proposal.saves.events, "event", "events"),
        bytes(proposal.saves.bytes),
        proposal.before_rule + 1
    )?;
    for line in proposal.rule.lines() {
        writeln!(out, "    {}", safe(line))?;
    }
    writeln!(out, "  why: {}", proposal.why)?;
    if proposal.failed > 0 {
        writeln!(
            out,
            "  note: {} among them failed otherwise than for want of permission",
            counted(proposal.failed, "event", "events")
        )?;
    }
    Ok(())
}

fn spoken(noise: &NoiseCandidate) -> String {
    let target = target(&noise.resource, &noise.subresource, &noise.path);
    request(Some(noise.actor.name()), &noise.verb, &target)
}
