//! The code that shows a policy in another page: an element with the policy and some events. `web/widget/EMBEDDING.md` describes it.

use audit_workspace::Workspace;

use crate::state::embed::HostView;

/// Name of the script that defines the element. It is next to the page.
const SCRIPT: &str = "audit-policy-playground.js";

/// Returns the code as HTML, for the page at an address.
pub fn embed_code(address: &str, workspace: &Workspace, view: HostView) -> String {
    let mut code = [
        "<script defer src=\"",
        &attribute(&script_address(address)),
        "\"></script>\n<audit-policy-playground version=\"",
        &attribute(&workspace.kubernetes_version),
        "\" view=\"",
        view.name(),
        "\"",
    ]
    .concat();
    let log = workspace.sample.as_deref();
    if let Some(selected) = workspace.view.selected.filter(|_| log.is_some()) {
        code.push_str(&[" select=\"", &selected.to_string(), "\""].concat());
    }
    code.push_str(">\n<pre><code class=\"language-yaml\">");
    code.push_str(&text(&workspace.policy));
    code.push_str("</code></pre>\n");
    if let Some(log) = log {
        code.push_str("<script type=\"application/json-lines\">\n");
        code.push_str(&json(log));
        code.push_str("</script>\n");
    }
    code.push_str("</audit-policy-playground>\n");
    code
}

/// Returns the address of the script, which is in the folder of the page. That of a page on disk is of no use elsewhere.
fn script_address(address: &str) -> String {
    let end = address.find(['#', '?']).unwrap_or(address.len());
    let page = address.get(..end).unwrap_or_default();
    let folder = page.rfind('/').and_then(|end| page.get(..=end));
    match folder.filter(|_| !page.starts_with("file:")) {
        Some(folder) => [folder, SCRIPT].concat(),
        None => SCRIPT.to_owned(),
    }
}

/// Returns a text as the content of an element. A reader of HTML would make `\n` of `\r\n`.
fn text(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\r', "&#13;")
}

/// Returns a text as the value of an attribute.
fn attribute(value: &str) -> String {
    text(value).replace('"', "&quot;")
}

/// Returns JSON as the content of a script, which a `</script` or `<!--` would end or change. In JSON, `<` is only inside strings.
fn json(text: &str) -> String {
    text.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use audit_workspace::ViewSettings;

    use super::*;

    fn workspace(policy: &str, sample: Option<&str>) -> Workspace {
        Workspace {
            policy: policy.to_owned(),
            kubernetes_version: "1.36".to_owned(),
            sample: sample.map(str::to_owned),
            view: ViewSettings {
                selected: Some(2),
                ..ViewSettings::default()
            },
            ..Workspace::default()
        }
    }

    #[test]
    fn the_element_has_the_policy_and_the_events() {
        let code = embed_code(
            "https://example.org/a/index.html?b#c/d",
            &workspace("rules: []\n", Some("{\"auditID\":\"a\"}\n")),
            HostView::Why,
        );
        let expected = concat!(
            "<script defer src=\"https://example.org/a/audit-policy-playground.js\"></script>\n",
            "<audit-policy-playground version=\"1.36\" view=\"why\" select=\"2\">\n",
            "<pre><code class=\"language-yaml\">rules: []\n</code></pre>\n",
            "<script type=\"application/json-lines\">\n{\"auditID\":\"a\"}\n</script>\n",
            "</audit-policy-playground>\n",
        );
        assert_eq!(code, expected);
    }

    #[test]
    fn without_events_none_is_selected() {
        let code = embed_code(
            "https://example.org/",
            &workspace("a", None),
            HostView::Policy,
        );
        assert!(code.contains("view=\"policy\">\n<pre>"), "{code}");
        assert!(!code.contains("json-lines"), "{code}");
    }

    #[test]
    fn nothing_ends_the_elements_early() {
        let policy = "# </code></pre></audit-policy-playground> & <!-- &lt; -->\r\n";
        let sample = "{\"a\":\"</script><!--<script>\"}";
        let code = embed_code("x", &workspace(policy, Some(sample)), HostView::Policy);
        for (end, count) in [
            ("</code>", 1),
            ("</pre>", 1),
            ("</script>", 2),
            ("<!--", 0),
            ("</audit", 1),
        ] {
            assert_eq!(code.matches(end).count(), count, "{end}: {code}");
        }
        assert!(
            code.contains("&amp; &lt;!-- &amp;lt; --&gt;&#13;\n"),
            "{code}"
        );
        assert!(
            code.contains("{\"a\":\"\\u003c/script>\\u003c!--\\u003cscript>\"}"),
            "{code}"
        );
    }

    #[test]
    fn an_address_stays_in_its_attribute() {
        let code = embed_code(
            "https://example.org/\"b\"&c/",
            &workspace("a", None),
            HostView::Policy,
        );
        assert!(
            code.contains(
                "src=\"https://example.org/&quot;b&quot;&amp;c/audit-policy-playground.js\""
            ),
            "{code}"
        );
        let code = embed_code(
            "file:///home/me/x.html",
            &workspace("a", None),
            HostView::Policy,
        );
        assert!(
            code.contains("src=\"audit-policy-playground.js\""),
            "{code}"
        );
    }
}
