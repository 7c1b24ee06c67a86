//! Lessons: errors and steps are inside the text, and any answer to a step is checked.

#![no_main]

use audit_lessons::{Answer, Lesson, check, review};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let lesson = match Lesson::parse(text) {
        Ok(lesson) => lesson,
        Err(errors) => {
            assert!((1..=50).contains(&errors.len()));
            let lines = text.lines().count().max(1) + 1;
            for error in &errors {
                assert!(!error.message.is_empty());
                assert!(
                    text.get(error.span.start..error.span.end).is_some(),
                    "{error:?}"
                );
                assert!((1..=lines).contains(&error.line), "{error:?}");
            }
            assert!(errors.is_sorted_by_key(|error| error.span.start));
            return;
        }
    };
    assert!((1..=40).contains(&lesson.steps.len()));
    for step in &lesson.steps {
        assert!(!step.title.is_empty() && !step.task.is_empty());
        assert!(text.get(step.span.start..step.span.end).is_some());
        // The lesson itself as an answer.
        let answer = Answer {
            policy: text.to_owned(),
            flags: text.to_owned(),
            manifest: text.to_owned(),
            text: text.to_owned(),
            event: Some(text.len()),
        };
        let outcome = check(step, &answer);
        assert!(outcome.passed || !outcome.reason.is_empty());
    }
    let reviews = review(&lesson);
    assert_eq!(reviews.len(), lesson.steps.len());
    for problem in reviews.iter().flat_map(|review| &review.problems) {
        assert!(!problem.message.is_empty());
        assert!(text.get(problem.span.start..problem.span.end).is_some());
    }
});
