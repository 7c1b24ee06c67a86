//! Fluentd. Sources: its documentation, "tail", "json" (parser), "record_transformer", "http" (output), "Buffer section" and "Config file
//! syntax"; for how a Ruby expression is taken from its value, `filter_record_transformer.rb`.
//!
//! The paths match rotated files too, and files are identified by inode: a renamed file is read to its end, and not again.

use apiserver_config::Settings;

use super::{RECEIVER, TIME, TOKEN, is_json, log_path, longest_line, pattern, quoted, rotated};
use crate::document::Document;
use crate::target::Target;

/// Changes the record in place, in Ruby: `remove_keys` cannot select list items, and a request's body may be a list itself (a JSON patch). The
/// key that it sets is removed again.
const FILTER: &str = r#"
<filter kube.audit>
  @type record_transformer
  enable_ruby true
  remove_keys _trimmed
  <record>
    _trimmed ${answer = [record["responseObject"]].grep(Hash); items = answer.flat_map { |list| [list["items"], list["rows"]] }.grep(Array).flatten(1).grep(Hash); objects = [record["requestObject"]].grep(Hash) + answer + items + items.map { |row| row["object"] }.grep(Hash); objects.map { |object| object["metadata"] }.grep(Hash).each { |metadata| metadata.delete("managedFields") }; nil}
  </record>
</filter>
"#;

const JSON: &str = "    @type json
    time_key stageTimestamp
    time_type string
    time_format %Y-%m-%dT%H:%M:%S.%N%z
    keep_time_key true
";

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::Fluentd, "fluentd-audit.conf", text(settings));
    document.note = "Fluentd (1.16.3 or newer) on every control-plane node reads the log, drops managedFields and sends events as lines of JSON over HTTPS. It \
                     identifies files by inode, so a renamed file is read to its end, even after a restart, and never twice."
        .to_owned();
    document.steps = super::steps(
        settings,
        &[
            "Save this as `/etc/fluentd/fluentd-audit.conf`, create the directory `/var/lib/fluentd`, and start `fluentd -c /etc/fluentd/fluentd-audit.conf`; `--dry-run` only \
             checks it. The first start also reads rotated files that are not compressed."
                .to_owned(),
            format!(
                "Lines of any length are read; one over {} bytes does not fit into a chunk, and Fluentd's own log reports `BufferChunkOverflowError`. \
                 Failed deliveries are retried without limit, from the disk.",
                longest_line(settings)
            ),
        ],
    );
    document.verify = super::verify(settings);
    document.verify.push(
        "Fluentd's own log contains no `BufferChunkOverflowError`, and no event arrives with a key `unmatched_line` (a line that is not JSON).".to_owned(),
    );
    document.undo = vec![
        "Stop Fluentd and delete its files, including `/var/lib/fluentd`: without the position file, it reads the log from the beginning at its next start.".to_owned(),
    ];
    document
}

fn text(settings: &Settings) -> String {
    let path = log_path(settings);
    let (head, tail) = rotated(&path);
    let json = is_json(settings);
    format!(
        "<source>\n  @type tail\n  tag kube.audit\n  path {paths}\n  exclude_path [{packed}]\n  pos_file /var/lib/fluentd/kube-audit.pos\n  \
         follow_inodes true\n  read_from_head true\n  refresh_interval 5\n  rotate_wait 60\n  read_lines_limit 100\n  emit_unmatched_lines true\n  \
         <parse>\n{parse}  </parse>\n</source>\n{filter}\n<match kube.audit>\n  @type http\n  endpoint https://{RECEIVER}/audit\n  \
         headers {{\"Authorization\":\"Bearer {TOKEN}\"}}\n  json_array false\n  <format>\n    @type json\n  </format>\n  <buffer>\n    @type file\n    \
         path /var/lib/fluentd/kube-audit\n    chunk_limit_size {longest}\n    overflow_action block\n    flush_interval 1s\n    retry_forever true\n  \
         </buffer>\n</match>\n",
        paths = pattern_list(&format!(
            "{},{}{TIME}{}",
            literal_path(&path),
            pattern(head),
            pattern(tail)
        )),
        packed = pattern_list(&format!("{}{TIME}.gz", pattern(head))),
        parse = if json { JSON } else { "    @type none\n" },
        filter = if json { FILTER } else { "" },
        longest = longest_line(settings),
    )
}

/// Escapes a path only if it contains `*`, since Fluentd reads others literally.
fn literal_path(path: &str) -> String {
    if path.contains('*') {
        pattern(path)
    } else {
        path.to_owned()
    }
}

/// Returns a list of patterns as a string, in which `%` starts a time format and `#{` starts Ruby.
fn pattern_list(text: &str) -> String {
    quoted(&text.replace('%', "%%"), r##""\#"##)
}
