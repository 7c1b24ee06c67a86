//! An order of functions that puts similar ones next to each other: compression finds what they have in common at a short distance.

/// Length of the byte sequences that two functions have in common or not.
const SEQUENCE: usize = 6;
/// A sequence in more functions than this says little, and looking at all of them would take long.
const MAX_FUNCTIONS: usize = 1000;
/// Added to the number of a function's sequences: small functions are not similar for one sequence.
const MIN_SIZE: usize = 200;
/// Weight that all functions with a sequence share.
const WEIGHT: u64 = 1 << 20;

/// Returns the indices of the functions in their new order: the first one stays first, and each is followed by the most similar one of
/// those that are left. The same functions always have the same order.
pub fn similar(bodies: &[Vec<u8>]) -> Vec<usize> {
    let shared = Shared::of(bodies);
    let mut is_placed = vec![false; bodies.len()];
    let mut scores = vec![0_u64; bodies.len()];
    let mut order = Vec::with_capacity(bodies.len());
    let mut next = (!bodies.is_empty()).then_some(0);
    let mut first_left = 0;
    while let Some(current) = next {
        is_placed[current] = true;
        order.push(current);
        let best = shared.most_similar(current, &is_placed, &mut scores);
        next = best.or_else(|| {
            while is_placed.get(first_left) == Some(&true) {
                first_left += 1;
            }
            (first_left < bodies.len()).then_some(first_left)
        });
    }
    order
}

/// The sequences that several functions contain.
struct Shared {
    /// For each function, the numbers of its sequences.
    sequences: Vec<Vec<usize>>,
    /// For each sequence, the functions that contain it.
    functions: Vec<Vec<usize>>,
}

impl Shared {
    fn of(bodies: &[Vec<u8>]) -> Self {
        let mut all: Vec<(&[u8], usize)> = Vec::new();
        for (function, body) in bodies.iter().enumerate() {
            all.extend(body.windows(SEQUENCE).map(|sequence| (sequence, function)));
        }
        all.sort_unstable();
        all.dedup();
        let mut shared = Self {
            sequences: vec![Vec::new(); bodies.len()],
            functions: Vec::new(),
        };
        for same in all.chunk_by(|(one, _), (other, _)| one == other) {
            if (2..=MAX_FUNCTIONS).contains(&same.len()) {
                let number = shared.functions.len();
                let functions: Vec<usize> = same.iter().map(|(_, function)| *function).collect();
                for function in &functions {
                    shared.sequences[*function].push(number);
                }
                shared.functions.push(functions);
            }
        }
        shared
    }

    /// Returns the function that has most in common with another, for its size, of those that are not placed. `scores` is all zeros before
    /// and after.
    fn most_similar(&self, of: usize, is_placed: &[bool], scores: &mut [u64]) -> Option<usize> {
        let mut candidates = Vec::new();
        for sequence in &self.sequences[of] {
            let functions = &self.functions[*sequence];
            for function in functions.iter().filter(|function| !is_placed[**function]) {
                if scores[*function] == 0 {
                    candidates.push(*function);
                }
                scores[*function] += WEIGHT / functions.len() as u64;
            }
        }
        let mut best = None;
        for candidate in candidates {
            let score = std::mem::take(&mut scores[candidate]);
            // Square roots of sizes: a large function has something in common with every other.
            let size = (self.sequences[candidate].len() + MIN_SIZE) as f64;
            let similarity = score as f64 / size.sqrt();
            let is_better = best.is_none_or(|(most, function)| {
                similarity > most || (similarity == most && candidate < function)
            });
            if is_better {
                best = Some((similarity, candidate));
            }
        }
        best.map(|(_, function)| function)
    }
}
