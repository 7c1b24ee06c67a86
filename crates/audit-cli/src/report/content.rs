//! Contents of a report.

use audit_analysis::request_words;
use audit_policy::{KubernetesVersion, LineIndex};
use audit_tests::{Case, Contradiction, Decision};
use audit_types::format::counted;
use audit_types::{Diagnostic, Severity};
use sha2::{Digest, Sha256};

use super::claims::{Claims, Decided};
use super::document::{Block, Cell, Document, Line, Mark, Section};

use crate::arguments::Report;
use crate::check;
use crate::config::FileSettings;
use crate::known_settings::KnownSettings;
use crate::packs::Pack;
use crate::policy_file::AcceptedPolicy;

/// Everything that a report is made of.
pub(super) struct Evidence<'e> {
    pub(super) arguments: &'e Report,
    pub(super) file_settings: FileSettings<'e>,
    pub(super) version: KubernetesVersion,
    /// kube-apiserver's warning about the policy.
    pub(super) warning: Option<String>,
    pub(super) accepted: &'e AcceptedPolicy,
    pub(super) claims: &'e Claims<'e>,
    pub(super) settings: Option<&'e KnownSettings>,
    pub(super) volume: Option<Section>,
    /// Date and time.
    pub(super) time: String,
}

/// Returns the report.
pub(super) fn document(mut evidence: Evidence<'_>) -> Document {
    let volume = evidence.volume.take();
    let evidence = &evidence;
    let mut sections = vec![about(evidence), totals(evidence), contradictions(evidence)];
    sections.extend(evidence.claims.packs.iter().map(|(pack, decided)| {
        let source = pack.file.source.clone();
        let mut blocks: Vec<Block> = source.map(Block::Paragraph).into_iter().collect();
        let note = pack.file.version_note(evidence.version);
        blocks.extend(note.map(|note| {
            let note = format!(
                "Note: {}. Its claims may differ for this version.",
                note.value
            );
            Block::Paragraph(note)
        }));
        blocks.push(Block::Table {
            head: vec!["ID", "Claim", "Result", "Evidence", "Source"],
            rows: decided.iter().map(|claim| claim.row()).collect(),
        });
        Section::new(format!("Claims: {}", title(pack)), blocks)
    }));
    sections.push(findings(evidence));
    sections.push(settings(evidence));
    sections.extend(volume);
    let text = evidence.accepted.text.clone();
    sections.push(Section::new("Policy", vec![Block::Verbatim(text)]));
    Document {
        title: format!("Audit policy report: `{}`", evidence.arguments.policy),
        sections,
    }
}

fn title(pack: &Pack) -> String {
    pack.file.title.clone().unwrap_or_else(|| pack.id.clone())
}

/// Returns what the report is about.
fn about(evidence: &Evidence<'_>) -> Section {
    let accepted = evidence.accepted;
    let hash: String = Sha256::digest(&accepted.source)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let verified = match evidence.version.is_verified() {
        true => "",
        false => " (not verified against its source or a server)",
    };
    let loaded = match &evidence.warning {
        None => "accepted".to_owned(),
        Some(warning) => format!("accepted with a warning: {warning}"),
    };
    let settings = evidence.settings.map_or_else(
        || "not given".to_owned(),
        |settings| format!("`{}`", settings.file),
    );
    let rows = [
        ("Policy", format!("`{}`", evidence.arguments.policy)),
        ("SHA-256 of the policy", format!("`{hash}`")),
        (
            "Size",
            counted(accepted.source.len() as f64, "byte", "bytes"),
        ),
        ("Rules", accepted.policy.rules.len().to_string()),
        (
            "Kubernetes version",
            format!("{}{verified}", evidence.version),
        ),
        ("kube-apiserver", loaded),
        ("Settings", settings),
        ("Date", evidence.time.clone()),
        (
            "Program",
            format!("audit-policy {}", env!("CARGO_PKG_VERSION")),
        ),
    ];
    let rows = rows.map(|(label, value)| vec![Cell::words(label), Cell::words(value)]);
    let blocks = vec![
        Block::Table {
            head: vec!["Property", "Value"],
            rows: rows.into(),
        },
        Block::Paragraph(
            "A claim is met if it is proved for every request of its class that can come, or if the flag has the value. It is refuted by the request or \
             the value that is shown; `audit-policy evaluate` gives the same verdict on the request. It is not decidable if the policy and the known \
             settings do not decide it. Requests are recorded if they have an event of the stage that has their result."
                .to_owned(),
        ),
    ];
    Section::new("Subject", blocks)
}

/// Returns the number of results of each pack. Only detections can be met partly.
fn totals(evidence: &Evidence<'_>) -> Section {
    let packs = &evidence.claims.packs;
    let count = |decided: &[Decided<'_>], decision| {
        let claims = decided.iter().filter(|claim| claim.decision == decision);
        claims.count()
    };
    let partly = Decision::PartlyMet;
    let has_partly = packs.iter().any(|(_, decided)| count(decided, partly) > 0);
    let decisions = Decision::ALL.into_iter();
    let columns = decisions.filter(|decision| *decision != partly || has_partly);
    let columns: Vec<Decision> = columns.collect();
    let rows = packs.iter().map(|(pack, decided)| {
        let name = vec![Cell::code(pack.id.clone()), Cell::words(title(pack))];
        let counts = columns.iter().map(|decision| count(decided, *decision));
        let counts = counts.map(|count| Cell::words(count.to_string()));
        name.into_iter().chain(counts).collect()
    });
    let heads = columns.iter().map(|decision| match decision {
        Decision::Met => "Met",
        Decision::PartlyMet => "Partly met",
        Decision::Refuted => "Refuted",
        Decision::NotDecidable => "Not decidable",
    });
    let table = Block::Table {
        head: ["Pack", "Title"].into_iter().chain(heads).collect(),
        rows: rows.collect(),
    };
    Section::new("Results", vec![table])
}

/// Returns the claims that contradict each other.
fn contradictions(evidence: &Evidence<'_>) -> Section {
    let found = &evidence.claims.contradictions;
    let claim = |index: usize| evidence.claims.all.get(index).copied();
    let mut blocks = vec![Block::Paragraph(match found.found.is_empty() {
        true => "No two claims contradict each other.".to_owned(),
        false => "No policy and no settings meet both claims of a row. The request is in the class of both.".to_owned(),
    })];
    let rows = found.found.iter().filter_map(|pair: &Contradiction| {
        let (first, second) = (claim(pair.first)?, claim(pair.second)?);
        let request = pair.request.as_ref();
        let request = request.map_or("a flag".to_owned(), request_words);
        Some(vec![
            claim_cell(first),
            claim_cell(second),
            Cell::words(request),
        ])
    });
    if !found.found.is_empty() {
        blocks.push(Block::Table {
            head: vec!["Claim", "Contradicts", "Request"],
            rows: rows.collect(),
        });
    }
    if found.is_partial {
        let text = "Not every pair of claims was compared: there are too many, or some take too long to decide.";
        blocks.push(Block::Paragraph(text.to_owned()));
    }
    Section::new("Contradictions between claims", blocks)
}

fn claim_cell((pack, case): (&Pack, &Case)) -> Cell {
    let id = case.id.as_deref().unwrap_or_default();
    let mut lines = vec![Line::Words(format!("{} {id}: {}", pack.id, case.name))];
    lines.extend(case.claim.words().map(Line::Detail));
    Cell::lines(lines)
}

/// Returns the findings of `check`.
fn findings(evidence: &Evidence<'_>) -> Section {
    let findings = check::findings(&evidence.accepted.source, &evidence.file_settings);
    let lines = LineIndex::new(&evidence.accepted.text);
    let rows = findings
        .iter()
        .map(|finding| finding_row(finding, Some(&lines)))
        .collect();
    let block = finding_table(rows, "No findings: see `audit-policy check`.");
    Section::new("Findings of the policy", vec![block])
}

fn finding_table(rows: Vec<Vec<Cell>>, none: &str) -> Block {
    if rows.is_empty() {
        return Block::Paragraph(none.to_owned());
    }
    Block::Table {
        head: vec!["Severity", "Code", "Line", "Finding"],
        rows,
    }
}

fn finding_row(finding: &Diagnostic, lines: Option<&LineIndex<'_>>) -> Vec<Cell> {
    let mark = match finding.severity {
        Severity::Error => Some(Mark::Bad),
        Severity::Warning => Some(Mark::Open),
        Severity::Info => None,
    };
    let severity = Cell::words(finding.severity.name());
    let place = finding.span().zip(lines);
    let line = place.map(|(span, lines)| lines.position(span.start).line.to_string());
    let mut words = vec![Line::Words(finding.message.clone())];
    if !finding.help.is_empty() {
        words.push(Line::Detail(format!("Help: {}", finding.help)));
    }
    vec![
        match mark {
            Some(mark) => severity.marked(mark),
            None => severity,
        },
        Cell::words(finding.code.to_string()),
        Cell::words(line.unwrap_or_default()),
        Cell::lines(words),
    ]
}

/// Returns the flags that are known, and the findings about them.
fn settings(evidence: &Evidence<'_>) -> Section {
    let Some(settings) = evidence.settings else {
        let text = "No settings were given, so claims about flags are not decidable. `--settings` names a file with them.";
        return Section::new("Settings", vec![Block::Paragraph(text.to_owned())]);
    };
    let flags = settings.flags.iter();
    let flags: Vec<Vec<Cell>> = flags
        .map(|flag| vec![Cell::code(flag.argument())])
        .collect();
    let mut blocks = vec![match flags.is_empty() {
        true => Block::Paragraph("Every flag has its default, so auditing is off.".to_owned()),
        false => Block::Table {
            head: vec!["Flags whose value is not the default"],
            rows: flags,
        },
    }];
    let rows = settings.findings.iter();
    let rows = rows.map(|finding| finding_row(finding, None)).collect();
    blocks.push(finding_table(rows, "No findings of the settings."));
    Section::new("Settings", blocks)
}
