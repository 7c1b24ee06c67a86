//! Every lesson can be solved, is not solved by doing nothing, and answers its listed wrong answers with the stated reason.

use audit_lessons::{Answer, Lesson, Subject, check, lesson_files};

fn all() -> Vec<Lesson> {
    let parse = |file| {
        let lesson = Lesson::parse(file);
        assert!(lesson.is_ok(), "{:#?} in {file:.40}", lesson.err());
        lesson.ok()
    };
    lesson_files().filter_map(parse).collect()
}

#[test]
fn model_answers_pass() {
    let mut failing = Vec::new();
    for lesson in all() {
        for step in &lesson.steps {
            let outcome = check(step, &step.model);
            if !outcome.passed || outcome.witness.is_some() {
                failing.push(format!("{}, {}: {}", lesson.id, step.title, outcome.reason));
            }
        }
    }
    assert!(failing.is_empty(), "{}", failing.join("\n"));
}

#[test]
fn a_start_does_not_pass() {
    for lesson in all() {
        for step in &lesson.steps {
            let outcome = check(step, &Answer::from_start(&step.start));
            assert_eq!(
                outcome.passed, step.start_passes,
                "{}, {}",
                lesson.id, step.title
            );
            assert!(outcome.passed || !outcome.reason.is_empty());
        }
    }
}

#[test]
fn listed_wrong_answers_fail_with_their_reason() {
    let mut wrong = Vec::new();
    for lesson in all() {
        for step in &lesson.steps {
            for listed in &step.wrong {
                let outcome = check(step, &listed.answer);
                if !listed.is_met(&outcome) {
                    wrong.push(format!(
                        "{}, {}:\n  stated: {}\n  found:  {}",
                        lesson.id, step.title, listed.reason, outcome.reason
                    ));
                }
                let is_of_log = matches!(step.subject(), Subject::Event);
                assert!(!is_of_log || outcome.witness.is_some(), "{}", step.title);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
