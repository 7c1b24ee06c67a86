//! The answer as the page words it: numbers with units, the figures of the answer bar, and the parts of its bar.
//!
//! The page renders them from the worker's answer, and the build writes those of the first example into `index.html`.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod bar;
mod figure;
pub mod numbers;

pub use bar::{Bar, BarPart, Share, bar};
pub use figure::{Figure, bytes_figure, day_figure, events_figure};
