//! Output of `aws logs tail`: time, stream and message of each event.

use super::*;

const TIME: &str = "2024-01-02T03:04:05.123000+00:00";
const ONE: &str = "kube-apiserver-audit-8b1a9953c4611296";
const TWO: &str = "kube-apiserver-audit-0cc175b9c0f1b6a8";

fn line(stream: &str, text: &str) -> String {
    format!("{TIME} {stream} {text}\n")
}

fn seen(file: &str) -> Vec<String> {
    let (whole, _) = read(file.as_bytes(), file.len(), MAX_WHOLE_BYTES);
    let (pieces, _) = read(file.as_bytes(), 7, MAX_WHOLE_BYTES);
    assert_eq!(whole, pieces, "{file}");
    whole
}

#[test]
fn events_of_every_format_of_the_command_are_read() {
    let (a, b) = (event("a"), event("b"));
    let pretty = |event: &str| {
        event
            .replace("\",\"", "\",\n    \"")
            .replacen('{', "{\n    ", 1)
    };
    let detailed = format!("{}{}", line(ONE, &a), line(TWO, &b));
    let short = format!("2024-01-02T03:04:05 {a}\n2024-01-02T03:04:05 {b}\n");
    let json = format!(
        "{TIME} {ONE} \n{}\n{TIME} {TWO} \n{}\n",
        pretty(&a),
        pretty(&b)
    );
    let color = |code: u8, text: &str| format!("\u{1b}[{code}m{text}\u{1b}[0m");
    let colored = format!("{} {} {a}\n", color(32, TIME), color(36, ONE));
    let colored_json = format!("{} {} \n{}\n", color(32, TIME), color(36, ONE), pretty(&a));
    for (file, expected) in [
        (detailed, vec!["1:a", "2:b"]),
        (short, vec!["1:a", "2:b"]),
        (colored, vec!["1:a"]),
        (colored_json, vec!["2:a"]),
    ] {
        assert_eq!(seen(&file), expected, "{file}");
    }
    // The line with the stream of an event is not a problem.
    let (items, summary) = read(json.as_bytes(), 7, MAX_WHOLE_BYTES);
    assert_eq!((items.len(), summary.problems), (2, 0), "{items:?}");
}

#[test]
fn the_output_has_a_name() {
    let file = line(ONE, &event("a"));
    let (_, summary) = read(file.as_bytes(), 7, MAX_WHOLE_BYTES);
    let wrappers: Vec<_> = summary.wrappers.iter().map(|count| count.wrapper).collect();
    assert_eq!(wrappers, [Wrapper::AwsTail]);
}

#[test]
fn lines_of_other_streams_are_named() {
    let klog = "I0102 03:04:05.000000      10 httplog.go:132] \"HTTP\" verb=\"GET\"";
    for (stream, text, reason) in [
        (
            "kube-apiserver-0a1b",
            klog,
            "this message is from the CloudWatch stream `kube-apiserver-\u{2026}`: only the streams `kube-apiserver-audit-\u{2026}` contain audit events",
        ),
        (
            "authenticator-0a1b",
            "time=\"2024\" level=info msg=\"access granted\"",
            "this message is from the CloudWatch stream `authenticator-\u{2026}`: only the streams `kube-apiserver-audit-\u{2026}` contain audit events",
        ),
        (
            "kube-scheduler-0a1b",
            "{\"a\":1}",
            "this message is from the CloudWatch stream `kube-scheduler-\u{2026}`: only the streams `kube-apiserver-audit-\u{2026}` contain audit events",
        ),
        (
            ONE,
            "text",
            "this message of the CloudWatch stream `kube-apiserver-audit-\u{2026}` contains no audit event",
        ),
    ] {
        let file = format!("{}{}", line(stream, text), line(ONE, &event("a")));
        assert_eq!(seen(&file), [format!("1! {reason}"), "2:a".to_owned()]);
    }
}

#[test]
fn parts_are_joined_by_their_stream() {
    let (a, b, c) = (event("a"), event("b"), event("c"));
    let ((a1, a2), (b1, b2)) = (a.split_at(70), b.split_at(70));
    let file = [
        line(ONE, a1),
        line(TWO, b1),
        line("authenticator-0a1b", "level=info"),
        line(TWO, &c),
        line(ONE, a2),
        line(TWO, b2),
    ]
    .concat();
    let other = "this message is from the CloudWatch stream `authenticator-\u{2026}`: only the streams `kube-apiserver-audit-\u{2026}` contain audit events";
    assert_eq!(
        seen(&file),
        [
            "4:c".to_owned(),
            "1:a".to_owned(),
            "2:b".to_owned(),
            format!("3! {other}")
        ]
    );
    // The rest of another stream's event is not a part.
    let file = [line(ONE, a1), line(TWO, b2)].concat();
    let items = seen(&file);
    assert_eq!(items.len(), 2);
    assert!(items.iter().all(|item| item.contains("! ")), "{items:?}");
    assert!(items[0].contains("cut by EKS or CloudWatch"), "{items:?}");
    // What EKS cuts has no rest.
    let file = format!(
        "{}{}",
        line(ONE, &format!("{a1}[Truncated...]")),
        line(ONE, &c)
    );
    let items = seen(&file);
    assert_eq!((items.len(), items[0].as_str()), (2, "2:c"), "{items:?}");
    assert!(
        items[1].starts_with("1! cut by EKS or CloudWatch"),
        "{items:?}"
    );
}
