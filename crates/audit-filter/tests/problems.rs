//! Problems of terms that are not understood, with their places.

use audit_filter::parse;

/// Returns the parts of the text that are problems, with message and help.
fn problems(text: &str) -> Vec<(&str, String, String)> {
    let problems = parse(text).problems.into_iter();
    problems
        .map(|problem| (&text[problem.range], problem.message, problem.help))
        .collect()
}

#[test]
fn a_problem_names_its_place_and_what_to_write() {
    for (text, place, message, help) in [
        (
            "pods usr:alice",
            "usr:alice",
            "unknown field `usr`, searched for as text",
            "did you mean `user:alice`?",
        ),
        (
            "-vreb:get",
            "-vreb:get",
            "unknown field `vreb`, searched for as text",
            "did you mean `-verb:get`?",
        ),
        (
            "user.username:alice",
            "user.username:alice",
            "unknown field `user.username`, searched for as text",
            "did you mean `user:alice`?",
        ),
        (
            "objectRef.namespace:shop",
            "objectRef.namespace:shop",
            "unknown field `objectRef.namespace`, searched for as text",
            "did you mean `namespace:shop`?",
        ),
        (
            "foo:bar",
            "foo:bar",
            "unknown field `foo`, searched for as text",
            "if it is meant as text, put it in quotes: `\"foo:bar\"`",
        ),
        (
            "code:403,abc",
            "abc",
            "`abc` is not a status, left out",
            "write a status such as `403`, `4xx`, `>=400` or `500..599`",
        ),
        (
            "code:4** x",
            "4**",
            "`4**` is not a status, left out",
            "write a status such as `403`, `4xx`, `>=400` or `500..599`",
        ),
        (
            "code:*4",
            "*4",
            "`*4` is not a status, left out",
            "write a status such as `403`, `4xx`, `>=400` or `500..599`",
        ),
        (
            "code:500-599",
            "500-599",
            "`500-599` is not a status, left out",
            "write a range with two dots: `code:500..599`",
        ),
        (
            "code:!=200",
            "!=200",
            "`!=200` is not a status, left out",
            "write `-code:200` to exclude it",
        ),
        (
            "code:599..500",
            "599..500",
            "`599..500` is not a status, left out",
            "write the smaller number first: `code:500..599`",
        ),
        (
            "rule:0 x",
            "0",
            "`0` is not a rule, left out",
            "the first rule is `rule:1`",
        ),
        (
            "level:Meta pods",
            "Meta",
            "`Meta` is not a level, left out",
            "write `None`, `Metadata`, `Request`, `RequestResponse` or `unknown`",
        ),
        (
            "stage:done",
            "done",
            "`done` is not a stage, left out",
            "write `RequestReceived`, `ResponseStarted`, `ResponseComplete`, `Panic`, or a part of one",
        ),
        (
            "outcome:lost",
            "lost",
            "`lost` is not an outcome, left out",
            "write `written`, `dropped`, `dropped-level`, `dropped-stage`, `dropped-truncation` or `unknowable`",
        ),
        (
            "ip:10.0",
            "10.0",
            "`10.0` is not an address, left out",
            "write an address such as `10.0.0.7`, a network such as `10.0.0.0/8`, or `10.0.*`",
        ),
        (
            "ip:10.0.0.0/33",
            "10.0.0.0/33",
            "`10.0.0.0/33` is not an address, left out",
            "the number of bits of an IPv4 network is 0 to 32",
        ),
        (
            "time:yesterday",
            "yesterday",
            "`yesterday` is not a time, left out",
            "write a date `2025-01-31`, a time `2025-01-31T10:00` or `10:00`, or `-15m` for the last 15 minutes of the log",
        ),
        (
            "time:2025-02-01..2025-01-01",
            "2025-02-01..2025-01-01",
            "`2025-02-01..2025-01-01` is not a time, left out",
            "write the earlier time first",
        ),
        (
            "verb: create",
            "verb:",
            "no value after `verb:`, left out",
            "write the value behind the colon, without a space; `verb:\"\"` is an empty value",
        ),
        (
            "- pods",
            "-",
            "nothing after `-`, left out",
            "write `-` directly before a word or a term: `-verb:get`",
        ),
        (
            "verb:!get",
            "!get",
            "`!` does not exclude a value, left out",
            "write `-verb:get` to exclude it",
        ),
        (
            "pods OR nodes",
            "OR",
            "`OR` is not an operator, left out",
            "write alternatives after a comma: `verb:get,list`",
        ),
        (
            "verb=get",
            "verb=get",
            "`verb=get` has no colon, searched for as text",
            "write `verb:get`",
        ),
        (
            "code>=400",
            "code>=400",
            "`code>=400` has no colon, searched for as text",
            "write `code:>=400`",
        ),
        (
            "user:\"a verb:get",
            "\"a verb:get",
            "the quote is not closed, so all of the rest is part of it",
            "close it with `\"`",
        ),
        (
            "auditID:5f0e",
            "5f0e",
            "`5f0e` is not long enough for an audit ID, left out",
            "write at least 8 characters: the log is searched for them",
        ),
    ] {
        let expected = vec![(place, message.to_owned(), help.to_owned())];
        assert_eq!(problems(text), expected, "{text}");
    }
}

#[test]
fn names_with_colons_and_unfinished_terms_are_not_problems() {
    for text in [
        "",
        "pods",
        "system:masters",
        "system:node:n1",
        "\"oidc:alice\"",
        "user:oidc:alice",
        "https://example.com",
        "::1",
        "fe80::1",
        "10.0.0.1:443",
        "user:",
        "pods -",
        "verb:get,",
        "user:\"a",
        "and",
        "Or",
        "a=b",
        "path:/api?x=1",
        "resource:*",
    ] {
        assert_eq!(problems(text), [], "{text}");
    }
}

#[test]
fn long_texts_and_many_problems_are_cut() {
    let long = format!("code:{}", "é`".repeat(10_000));
    let problem = &parse(&long).problems[0];
    // 40 characters, of which 20 are backticks: each is escaped as `\u{60}`, six characters.
    let shown = r"é\u{60}".repeat(20);
    assert!(
        problem.message.contains(&format!("`{shown}…`"))
            && problem.message.matches('`').count() == 2
    );
    assert_eq!(parse(&"code:x ".repeat(1_000)).problems.len(), 20);
}
