//! The request behind an event, as `audit_log::Attributes` reconstructs it: from `user`, `verb` and `requestURI`, never from `objectRef`.
//!
//! Percent-escapes in a path are decoded if they are valid UTF-8; with others, the request is unknown. A query is not decoded: it makes the request
//! unknown if a rule lists object names and the query may contain one in another than the usual form.

use crate::expression::Expression::{
    AfterQuestionMark, All, Any, BeforeQuestionMark, Capture, Constant, Contains, Decoded, Has,
    Matches, Number, Of, Plus, Segment, Segments,
};
use crate::expression::{Binding, Expression, Position, Variable};
use crate::pattern::Pattern;

/// Returns the bindings of the request's attributes. Those of the query are left out unless `use_names`: only rules with object names need them.
pub(crate) fn bindings(use_names: bool) -> Vec<Binding> {
    let bind = |name, value| Binding { name, value };
    let mut bindings = vec![
        bind(Variable::EscapedPath, BeforeQuestionMark(Variable::Uri)),
        bind(
            Variable::IsPathKnown,
            Expression::if_else(
                Contains(Variable::EscapedPath, "%"),
                Matches(Variable::EscapedPath, Pattern::Decodable),
                Constant(true),
            ),
        ),
        bind(
            Variable::Path,
            Expression::if_else(
                Of(Variable::IsPathKnown),
                Decoded(Variable::EscapedPath),
                Expression::text(""),
            ),
        ),
        bind(Variable::Query, AfterQuestionMark(Variable::Uri)),
        bind(Variable::Segments, Segments(Variable::Path)),
    ];
    bindings.extend(location());
    bindings.extend(attributes());
    if use_names {
        bindings.extend(selected_name());
    } else {
        bindings.push(bind(Variable::ObjectName, Of(Variable::PathName)));
        bindings.push(bind(Variable::IsKnown, is_path_known()));
    }
    bindings
}

/// Returns the condition that the attributes in user, verb and path are known.
fn is_path_known() -> Expression {
    All(vec![Of(Variable::Readable), Of(Variable::IsPathKnown)])
}

/// Returns the bindings of the places of the path's parts.
fn location() -> Vec<Binding> {
    use Position::{At, From};
    let bind = |name, value| Binding { name, value };
    let in_namespaces = Expression::segment_in(From(Variable::AfterPrefix, 0), &["namespaces"]);
    let of_namespace =
        Expression::segment_in(From(Variable::AfterPrefix, 2), &["status", "finalize"]);
    vec![
        bind(
            Variable::AfterVersion,
            Expression::if_else(
                Expression::segment_in(At(0), &["apis"]),
                Number(3),
                Number(2),
            ),
        ),
        bind(
            Variable::AfterPrefix,
            Expression::if_else(
                Expression::segment_in(From(Variable::AfterVersion, 0), &["watch", "proxy"]),
                Plus(Variable::AfterVersion, 1),
                Of(Variable::AfterVersion),
            ),
        ),
        bind(
            Variable::IsResource,
            All(vec![
                Expression::segment_in(At(0), &["api", "apis"]),
                Has(Variable::Segments, From(Variable::AfterPrefix, 0)),
            ]),
        ),
        bind(
            Variable::HasNamespace,
            All(vec![
                Of(Variable::IsResource),
                in_namespaces,
                Has(Variable::Segments, From(Variable::AfterPrefix, 1)),
            ]),
        ),
        bind(
            Variable::ResourceAt,
            Expression::if_else(
                All(vec![
                    Of(Variable::HasNamespace),
                    Has(Variable::Segments, From(Variable::AfterPrefix, 2)),
                    of_namespace.negated(),
                ]),
                Plus(Variable::AfterPrefix, 2),
                Of(Variable::AfterPrefix),
            ),
        ),
    ]
}

/// Returns the bindings of the attributes in the path.
fn attributes() -> Vec<Binding> {
    use Position::{At, From};
    let bind = |name, value| Binding { name, value };
    let segment = |position| Segment(Variable::Segments, position);
    let empty = || Expression::text("");
    let is_proxy = Expression::segment_in(From(Variable::AfterVersion, 0), &["proxy"]);
    vec![
        bind(
            Variable::Namespace,
            Expression::if_else(
                Of(Variable::HasNamespace),
                segment(From(Variable::AfterPrefix, 1)),
                empty(),
            ),
        ),
        bind(
            Variable::ApiGroup,
            Expression::if_else(
                Expression::segment_in(At(0), &["apis"]),
                segment(At(1)),
                empty(),
            ),
        ),
        bind(Variable::Resource, segment(From(Variable::ResourceAt, 0))),
        bind(Variable::PathName, segment(From(Variable::ResourceAt, 1))),
        bind(
            Variable::Subresource,
            Expression::if_else(is_proxy, empty(), segment(From(Variable::ResourceAt, 2))),
        ),
    ]
}

/// Returns the bindings of the object's name if a field selector may contain it.
fn selected_name() -> Vec<Binding> {
    let bind = |name, value| Binding { name, value };
    let is_old = Expression::segment_in(
        Position::From(Variable::AfterVersion, 0),
        &["watch", "proxy"],
    );
    let may_select = All(vec![
        Of(Variable::IsResource),
        is_old.negated(),
        Expression::is_in(Variable::Verb, ["list", "watch"]),
        Expression::is_in(Variable::PathName, [""]),
        Any(vec![
            Contains(Variable::Query, "metadata.name"),
            Matches(Variable::Query, Pattern::HidesLetters),
        ]),
    ]);
    vec![
        bind(Variable::MaySelect, may_select),
        bind(
            Variable::SelectedName,
            Capture(Variable::Query, Pattern::SelectsName),
        ),
        bind(
            Variable::ObjectName,
            Expression::if_else(
                Of(Variable::MaySelect),
                Of(Variable::SelectedName),
                Of(Variable::PathName),
            ),
        ),
        bind(
            Variable::IsKnown,
            All(vec![
                is_path_known(),
                Expression::if_else(
                    Of(Variable::MaySelect),
                    Any(vec![
                        Expression::is_in(Variable::SelectedName, ["", ".", ".."]).negated(),
                        Matches(Variable::Query, Pattern::SelectsNoName),
                    ]),
                    Constant(true),
                ),
            ]),
        ),
    ]
}
