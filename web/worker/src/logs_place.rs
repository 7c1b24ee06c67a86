//! Places where logs live: the policy as a program there.

use audit_compile::compile;
use audit_export::clouds;
use audit_export::places::{PLACES, Place, Program, Way};
use audit_policy::Policy;
use playground_protocol::logs_place::{CloudView, PlaceReport, PlaceRequest, ProgramView};

/// Returns how the policy is applied at a place. `None` if the place does not exist, or has fewer ways.
pub(crate) fn place(policy: Option<&Policy>, request: &PlaceRequest) -> Option<PlaceReport> {
    let place: &Place = PLACES.get(request.place)?;
    let way: &Way = place.ways.get(request.way)?;
    Some(PlaceReport {
        number: request.number,
        places: PLACES.map(|place| place.title.to_owned()).to_vec(),
        ways: place.ways.iter().map(|way| way.title.to_owned()).collect(),
        out_of_reach: place.out_of_reach.to_owned(),
        cloud: place.cloud.and_then(clouds::find).map(|cloud| CloudView {
            title: cloud.title.to_owned(),
            about: cloud.about.to_owned(),
            policy: cloud.policy.map(str::to_owned),
        }),
        steps: way.steps.iter().map(|&step| step.to_owned()).collect(),
        program: program(policy, way),
    })
}

fn program(policy: Option<&Policy>, way: &Way) -> ProgramView {
    let (target, input, file_name) = match way.program {
        Program::Shell(lines) => return ProgramView::Shell(lines.to_owned()),
        Program::Compiled(target, input, file_name) => (target, input, file_name),
    };
    let compiled = policy.and_then(|policy| compile(policy, target, input).ok());
    compiled.map_or(ProgramView::NoPolicy, |compiled| ProgramView::Compiled {
        file_name: file_name.to_owned(),
        text: compiled.text,
        differences: compiled
            .differences
            .iter()
            .map(ToString::to_string)
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use audit_policy::{KubernetesVersion, load};

    use super::*;

    #[test]
    fn every_way_has_a_program_for_the_policy() {
        let text = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata, users: [zoe]}]\n";
        let policy = load(text, KubernetesVersion::NEWEST).policy.unwrap();
        let mut compiled = 0;
        for (at, known) in PLACES.iter().enumerate() {
            for way in 0..known.ways.len() {
                let request = PlaceRequest {
                    number: 7,
                    place: at,
                    way,
                };
                let report = place(Some(&policy), &request).unwrap();
                match report.program {
                    ProgramView::Shell(lines) => assert!(lines.contains("audit-policy filter")),
                    ProgramView::Compiled { text, .. } => {
                        assert!(text.contains("zoe"), "{}", report.ways[way]);
                        compiled += 1;
                        let without = place(None, &request).unwrap();
                        assert_eq!(without.program, ProgramView::NoPolicy);
                    }
                    ProgramView::NoPolicy => panic!("{}", report.ways[way]),
                }
            }
        }
        assert_eq!(compiled, 15);
        let no_such = PlaceRequest {
            number: 7,
            place: 0,
            way: 99,
        };
        assert_eq!(place(Some(&policy), &no_such), None);
    }
}
