//! Events in rows of a column, and in the bytes of a log.

use std::io::Read;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use audit_log::decompress::DecompressReader;
use audit_log::{Event, LogItem, LogReader, lines};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

/// Bytes of a log that are decompressed at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// An event, or a part that contains none.
pub(crate) enum Item<'a> {
    /// An event.
    Event(&'a Event<'a>),
    /// A part that could not be read.
    Unreadable,
}

/// Calls a function with the contents of each row and the number of the row, from 1. Each row is read by itself, so results do not depend
/// on how rows are distributed. Null is an empty row.
///
/// # Errors
/// `TypeError` if the column is not text.
pub(crate) fn rows(column: &ArrayRef, sink: &mut dyn FnMut(u64, Item<'_>)) -> PyResult<()> {
    let mut row = 0;
    let mut take = |bytes: Option<&[u8]>| {
        row += 1;
        read_row(bytes.unwrap_or_default(), &mut |item| sink(row, item));
    };
    match column.data_type() {
        DataType::Utf8 => {
            (column.as_string::<i32>().iter()).for_each(|text| take(text.map(str::as_bytes)))
        }
        DataType::LargeUtf8 => {
            (column.as_string::<i64>().iter()).for_each(|text| take(text.map(str::as_bytes)))
        }
        DataType::Utf8View => {
            (column.as_string_view().iter()).for_each(|text| take(text.map(str::as_bytes)))
        }
        DataType::Binary => column.as_binary::<i32>().iter().for_each(take),
        DataType::LargeBinary => column.as_binary::<i64>().iter().for_each(take),
        other => {
            let message =
                format!("the column has the type `{other}`, not text: pass the events as JSON");
            return Err(PyTypeError::new_err(message));
        }
    }
    Ok(())
}

fn read_row(row: &[u8], sink: &mut impl FnMut(Item<'_>)) {
    // Only complete lines are emitted there, so nothing has been emitted if one line is not an event.
    let is_line = !row.contains(&b'\n');
    if is_line && lines::read(row, 0, &mut |_, event| sink(Item::Event(event))).is_some() {
        return;
    }
    let mut visit = |item: LogItem<'_>| {
        sink(match item {
            LogItem::Event(_, event) => Item::Event(event),
            LogItem::Problem(_) => Item::Unreadable,
        });
    };
    let mut reader = LogReader::new();
    reader.push(row, &mut visit);
    reader.finish(&mut visit);
}

/// Calls a function with each event of a log, which may be compressed, and its line.
///
/// # Errors
/// `ValueError` if the log cannot be decompressed.
pub(crate) fn log(bytes: &[u8], sink: &mut dyn FnMut(u64, Item<'_>)) -> PyResult<()> {
    let mut visit = |item: LogItem<'_>| match item {
        LogItem::Event(location, event) => sink(location.line, Item::Event(event)),
        LogItem::Problem(problem) => sink(problem.location.line, Item::Unreadable),
    };
    let mut source = DecompressReader::new(bytes);
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut reader = LogReader::new();
    loop {
        let length = source
            .read(&mut chunk)
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        if length == 0 {
            break;
        }
        reader.push(chunk.get(..length).unwrap_or_default(), &mut visit);
    }
    reader.finish(&mut visit);
    Ok(())
}
