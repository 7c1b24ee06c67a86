//! The lessons that come with the product.

use crate::lesson::{Lesson, Track};

/// Files of the lessons, in the order of their tracks.
const FILES: [&str; 17] = [
    include_str!("../lessons/four-levels.md"),
    include_str!("../lessons/stages.md"),
    include_str!("../lessons/first-match-wins.md"),
    include_str!("../lessons/specific-first.md"),
    include_str!("../lessons/subresources.md"),
    include_str!("../lessons/groups.md"),
    include_str!("../lessons/who-did-it.md"),
    include_str!("../lessons/secrets.md"),
    include_str!("../lessons/shells.md"),
    include_str!("../lessons/permissions.md"),
    include_str!("../lessons/tokens.md"),
    include_str!("../lessons/noise.md"),
    include_str!("../lessons/retention.md"),
    include_str!("../lessons/exam-restrict.md"),
    include_str!("../lessons/exam-mounts.md"),
    include_str!("../lessons/exam-service-account.md"),
    include_str!("../lessons/exam-full.md"),
];

/// Returns the lessons, in the order of their tracks.
///
/// ```
/// use audit_lessons::{Track, lessons};
///
/// let lessons = lessons();
/// assert_eq!(lessons[0].track, Track::FirstSteps);
/// ```
pub fn lessons() -> Vec<Lesson> {
    // INVARIANT: every file is a lesson; a test reads them all.
    FILES
        .iter()
        .filter_map(|file| Lesson::parse(file).ok())
        .collect()
}

/// Returns the lesson with an id.
pub fn lesson(id: &str) -> Option<Lesson> {
    let line = format!("\nid: {id}\n");
    let file = FILES.iter().find(|file| file.contains(&line))?;
    Lesson::parse(file).ok().filter(|lesson| lesson.id == id)
}

/// Id of the lesson that [`lesson_template`] has.
pub const TEMPLATE_ID: &str = "my-lesson";

/// Returns the file of a lesson to write one's own from: the first lesson, with an id that no lesson of the product has, since progress is kept by it.
///
/// ```
/// use audit_lessons::{Lesson, TEMPLATE_ID, lesson_template};
///
/// let lesson = Lesson::parse(&lesson_template()).unwrap();
/// assert_eq!(lesson.id, TEMPLATE_ID);
/// ```
pub fn lesson_template() -> String {
    let [first, ..] = FILES;
    let id = first.lines().find(|line| line.starts_with("id: "));
    let own = ["id: ", TEMPLATE_ID].concat();
    first.replacen(id.unwrap_or_default(), &own, 1)
}

/// Returns the files of the lessons, as a start for lessons of one's own.
pub fn lesson_files() -> impl Iterator<Item = &'static str> {
    FILES.into_iter()
}

/// Returns the place of a lesson in its track, from 1, and the number of lessons of the track: "lesson 3 of 6".
///
/// ```
/// use audit_lessons::{lessons, position};
///
/// let lessons = lessons();
/// assert_eq!(position(&lessons, "four-levels").map(|(place, _)| place), Some(1));
/// ```
pub fn position(lessons: &[Lesson], id: &str) -> Option<(usize, usize)> {
    let track: Track = lessons.iter().find(|lesson| lesson.id == id)?.track;
    let of_track = || lessons.iter().filter(|lesson| lesson.track == track);
    let place = of_track().position(|lesson| lesson.id == id)?;
    Some((place + 1, of_track().count()))
}
