//! The page. It holds no policy and reads no log: everything of that kind is asked of the worker.
mod intake;
mod numbers;
mod prose;
mod scroll;
mod shared;
mod state;
fn main() {}
