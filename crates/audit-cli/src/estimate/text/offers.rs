//! Proposed rules, for people.

use std::io::Write;

use audit_volume::propose::{Answer, Noise, Offer, Proposal};

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
    for Answer { noise, offer } in groups {
        if let Offer::Proposal(proposal) = offer {
            offered(noise, proposal, out)?;
        }
    }
    let mut refused = groups
        .iter()
        .filter_map(|Answer { noise, offer }| match offer {
            Offer::Nothing { sentence, .. } => Some((noise, sentence)),
            Offer::Proposal(_) => None,
        })
        .peekable();
    if refused.peek().is_some() {
        writeln!(out, "\nno rule for")?;
    }
    for (noise, sentence) in refused {
        writeln!(
            out,
            "  {} with {}: {}",
            spoken(noise),
            bytes(noise.written.bytes),
            safe(sentence)
        )?;
    }
    if proposed.together.rules > 0 {
        writeln!(out, "\n{}", proposed.together.sentence())?;
        writeln!(out, "{}", proposed.together.proof.sentence())?;
    }
    Ok(())
}

fn offered(noise: &Noise, proposal: &Proposal, out: &mut impl Write) -> Result {
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

fn spoken(noise: &Noise) -> String {
    let target = target(&noise.resource, &noise.subresource, &noise.path);
    request(Some(noise.actor.name()), &noise.verb, &target)
}
