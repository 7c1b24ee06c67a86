//! Transfer of requests between stores, so that what several readers of one log have found becomes one store.

use audit_types::RequestId;
use serde::{Deserialize, Serialize};

use super::interner::TextList;
use super::store::{NONE, RequestRow, Requests, SubjectRow, TargetRow};

/// Position up to which a store has been transferred.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Checkpoint {
    identities: usize,
    groups: usize,
    verbs: usize,
    namespaces: usize,
    words: usize,
    names: usize,
    subjects: usize,
    targets: usize,
    rows: usize,
}

/// Values that were added to a store since a checkpoint, with the ids of that store.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct RequestsDelta {
    identities: TextList,
    groups: Vec<Vec<u32>>,
    verbs: TextList,
    namespaces: TextList,
    words: TextList,
    names: TextList,
    subjects: Vec<SubjectRow>,
    targets: Vec<TargetRow>,
    rows: Vec<RequestRow>,
}

/// Ids of one store in another.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestIdRemap {
    identities: Vec<u32>,
    groups: Vec<u32>,
    verbs: Vec<u32>,
    namespaces: Vec<u32>,
    words: Vec<u32>,
    names: Vec<u32>,
    subjects: Vec<u32>,
    targets: Vec<u32>,
    rows: Vec<u32>,
}

impl RequestIdRemap {
    /// Returns the id of a request in the store that it was transferred to, or the largest id if it was not.
    pub fn request(&self, id: RequestId) -> RequestId {
        RequestId::new(of(&self.rows, id.get()))
    }
}

fn of(numbers: &[u32], number: u32) -> u32 {
    numbers.get(number as usize).copied().unwrap_or(NONE)
}

impl Requests {
    /// Returns what was added since the checkpoint, and moves the checkpoint to the end.
    pub(crate) fn delta_since(&self, checkpoint: &mut Checkpoint) -> RequestsDelta {
        let groups = checkpoint.groups..self.groups.len();
        let delta = RequestsDelta {
            identities: TextList::of(self.identities.from(checkpoint.identities)),
            groups: groups
                .map(|number| {
                    let number = u32::try_from(number).unwrap_or(NONE);
                    self.groups.get(number).to_vec()
                })
                .collect(),
            verbs: TextList::of(self.verbs.from(checkpoint.verbs)),
            namespaces: TextList::of(self.namespaces.from(checkpoint.namespaces)),
            words: TextList::of(self.strings.from(checkpoint.words)),
            names: TextList::of(self.names.from(checkpoint.names)),
            subjects: self.subjects.from(checkpoint.subjects).to_vec(),
            targets: self.targets.from(checkpoint.targets).to_vec(),
            rows: self.rows.from(checkpoint.rows).to_vec(),
        };
        *checkpoint = Checkpoint {
            identities: self.identities.len(),
            groups: self.groups.len(),
            verbs: self.verbs.len(),
            namespaces: self.namespaces.len(),
            words: self.strings.len(),
            names: self.names.len(),
            subjects: self.subjects.len(),
            targets: self.targets.len(),
            rows: self.rows.len(),
        };
        delta
    }

    /// Adds the delta of another store that follows the previous one; `remap` belongs to that store and this one.
    pub(crate) fn apply_delta(&mut self, delta: &RequestsDelta, remap: &mut RequestIdRemap) {
        let RequestIdRemap {
            identities,
            groups,
            verbs,
            namespaces,
            words,
            names,
            subjects,
            targets,
            rows,
        } = remap;
        identities.extend(
            delta
                .identities
                .iter()
                .map(|text| self.identities.add(text)),
        );
        for list in &delta.groups {
            let members = list.iter().map(|member| of(identities, *member));
            groups.push(self.groups.add(members));
        }
        verbs.extend(delta.verbs.iter().map(|text| self.verbs.add(text)));
        namespaces.extend(
            delta
                .namespaces
                .iter()
                .map(|text| self.namespaces.add(text)),
        );
        words.extend(delta.words.iter().map(|text| self.strings.add(text)));
        names.extend(delta.names.iter().map(|text| self.names.add(text)));
        for subject in &delta.subjects {
            subjects.push(self.subjects.add(SubjectRow {
                user: of(identities, subject.user),
                groups: of(groups, subject.groups),
                ..*subject
            }));
        }
        for target in &delta.targets {
            targets.push(self.targets.add(mapped(*target, words)));
        }
        for row in &delta.rows {
            rows.push(self.rows.add(RequestRow {
                subject: of(subjects, row.subject),
                verb: of(verbs, row.verb),
                namespace: of(namespaces, row.namespace),
                target: of(targets, row.target),
                name: of(names, row.name),
                is_partial: row.is_partial,
            }));
        }
    }
}

/// Returns a target with the words of another store.
fn mapped(target: TargetRow, words: &[u32]) -> TargetRow {
    match target {
        TargetRow::Unknown => TargetRow::Unknown,
        TargetRow::Path(path) => TargetRow::Path(of(words, path)),
        TargetRow::Resource {
            api_group,
            resource,
            subresource,
            proxied,
        } => TargetRow::Resource {
            api_group: of(words, api_group),
            resource: of(words, resource),
            subresource: of(words, subresource),
            proxied: of(words, proxied),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_policy::{MissingAttributes, Request};

    #[test]
    fn stores_transferred_in_deltas_equal_one_store() {
        let request = |number: usize| {
            let verb = ["get", "list", "proxy"][number % 3];
            let mut request = Request::for_resource(verb, "", "pods")
                .with_namespace(format!("n{}", number % 7))
                .with_name(format!("p{}", number % 11))
                .with_groups((0..number % 4).map(|group| format!("g{group}")));
            request.user = (!number.is_multiple_of(5)).then(|| format!("u{}", number % 3));
            request.path = format!("/api/v1/{}", number % 2);
            request.is_resource_request = !number.is_multiple_of(6);
            request
        };
        let unknown = |number: usize| MissingAttributes {
            verb: number % 9 == 1,
            name: number % 10 == 3,
            ..MissingAttributes::NONE
        };
        let (mut all, mut expected) = (Requests::default(), Requests::default());
        let mut readers = [(); 2].map(|()| {
            (
                Requests::default(),
                Checkpoint::default(),
                RequestIdRemap::default(),
            )
        });
        for round in 0..40 {
            let (store, checkpoint, remap) = &mut readers[round % 2];
            let numbers: Vec<usize> = (round * 13..round * 13 + 20).collect();
            let given: Vec<RequestId> = numbers
                .iter()
                .map(|number| store.add(&request(*number), unknown(*number)))
                .collect();
            all.apply_delta(&store.delta_since(checkpoint), remap);
            for (number, given) in numbers.into_iter().zip(given) {
                let own = expected.add(&request(number), unknown(number));
                assert_eq!(remap.request(given), own);
                let view = all.get(own).unwrap();
                assert_eq!(view.to_request(), expected.get(own).unwrap().to_request());
                assert_eq!(view.unknown(), unknown(number));
            }
        }
        assert_eq!(all.len(), expected.len());
    }
}
