use super::*;

#[test]
fn messages_are_decoded_as_they_were_encoded() {
    let view = View {
        text: "user:alice é".to_owned(),
        rule: Some(RuleFilter::NoRule),
        sort: Some(Column::Written),
        ..View::default()
    };
    let to_worker = ToWorker::View(view);
    assert_eq!(decode::<ToWorker>(&encode(&to_worker)), Some(to_worker));
    let to_page = ToPage::Answer(AnswerReport {
        per_day: PerDay {
            bytes: Some(1.5e12),
            ..PerDay::default()
        },
        ..AnswerReport::default()
    });
    assert_eq!(decode::<ToPage>(&encode(&to_page)), Some(to_page));
    assert_eq!(decode::<ToPage>(&[0xff; 3]), None);
}
