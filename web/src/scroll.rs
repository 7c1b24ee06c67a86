//! Virtual scrolling of a table with more rows than the browser can display: the rows that a scroll position shows.
//!
//! The content has a height of rows × row height. Up to [`TALLEST`], the scrolled element is as tall. Beyond that it is shorter: short
//! movements are exact to the pixel, as with a wheel or a finger; long ones, as with a dragged scroll bar, are proportional.

/// Maximum height of the element in pixels. Browsers support between 16 and 33 million.
pub const TALLEST: f64 = 8_000_000.0;

/// Sizes of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScrollGeometry {
    /// Number of rows.
    pub rows: usize,
    /// Height of a row in pixels.
    pub row: f64,
    /// Height of the visible part in pixels.
    pub view: f64,
}

/// Scroll position of a table.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ScrollPosition {
    /// Pixels of the content above the visible part.
    pub top: f64,
    /// Scroll position of the browser that belongs to it.
    pub scroll_top: f64,
}

#[allow(
    clippy::cast_precision_loss,
    reason = "rows are far fewer than the whole numbers an f64 holds"
)]
const fn float(n: usize) -> f64 {
    n as f64
}

impl ScrollGeometry {
    /// Returns the height of the content.
    pub fn content_height(&self) -> f64 {
        float(self.rows) * self.row
    }

    /// Returns the height of the scrolled element.
    pub fn element_height(&self) -> f64 {
        self.content_height().min(TALLEST)
    }

    fn max_top(&self) -> f64 {
        (self.content_height() - self.view).max(0.0)
    }

    fn max_scroll_top(&self) -> f64 {
        (self.element_height() - self.view).max(0.0)
    }

    /// Returns whether a pixel of the scroll bar is more than a pixel of the content.
    pub fn is_scaled(&self) -> bool {
        self.content_height() > TALLEST
    }

    /// Returns the position after the browser has scrolled to `scroll_top`.
    pub fn after_scroll(&self, from: ScrollPosition, scroll_top: f64) -> ScrollPosition {
        let scroll_top = within(scroll_top, self.max_scroll_top());
        if !self.is_scaled() {
            return ScrollPosition {
                top: scroll_top,
                scroll_top,
            };
        }
        let step = scroll_top - from.scroll_top;
        let top = if scroll_top <= 0.0 {
            0.0
        } else if scroll_top >= self.max_scroll_top() {
            self.max_top()
        } else if step.abs() <= self.view * 2.0 {
            from.top + step
        } else {
            scroll_top / self.max_scroll_top() * self.max_top()
        };
        ScrollPosition {
            top: within(top, self.max_top()),
            scroll_top,
        }
    }

    /// Returns the position that shows the content from `top`.
    pub fn at(&self, top: f64) -> ScrollPosition {
        let top = within(top, self.max_top());
        if !self.is_scaled() {
            return ScrollPosition {
                top,
                scroll_top: top,
            };
        }
        ScrollPosition {
            top,
            scroll_top: top / self.max_top() * self.max_scroll_top(),
        }
    }

    /// Returns the nearest position that shows a row completely; a distant row is centred.
    pub fn with_row_visible(&self, from: ScrollPosition, row: usize) -> ScrollPosition {
        let first = float(row) * self.row;
        let last = first + self.row;
        if last < from.top - self.view || first > from.top + self.view * 2.0 {
            self.at(first - (self.view - self.row) / 2.0)
        } else if first < from.top {
            self.at(first)
        } else if last > from.top + self.view {
            self.at(last - self.view)
        } else {
            from
        }
    }

    /// Returns the first visible row, and the number of rows that are at least partly visible.
    pub fn visible_rows(&self, position: ScrollPosition) -> (usize, usize) {
        if self.row <= 0.0 {
            return (0, 0);
        }
        let first = floor(position.top / self.row).min(self.rows);
        let end = floor((position.top + self.view) / self.row)
            .saturating_add(1)
            .min(self.rows);
        (first, end.saturating_sub(first))
    }

    /// Returns the offset of the first visible row from the top of the visible part, at most zero.
    pub fn first_row_offset(&self, position: ScrollPosition) -> f64 {
        float(self.visible_rows(position).0) * self.row - position.top
    }

    /// Returns the number of complete rows on a page.
    pub fn rows_per_page(&self) -> usize {
        if self.row <= 0.0 {
            return 1;
        }
        floor(self.view / self.row).max(2).saturating_sub(1)
    }
}

/// Limits a length to a range from zero. Not `clamp`, whose panic would add the code that prints floats.
#[allow(clippy::manual_clamp, reason = "see above; a limit below zero is zero")]
const fn within(amount: f64, limit: f64) -> f64 {
    amount.min(limit).max(0.0)
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn floor(amount: f64) -> usize {
    amount.max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: ScrollGeometry = ScrollGeometry {
        rows: 1000,
        row: 30.0,
        view: 300.0,
    };
    const HUGE: ScrollGeometry = ScrollGeometry {
        rows: 10_000_000,
        row: 30.0,
        view: 300.0,
    };

    #[test]
    fn a_small_table_scrolls_as_the_browser_does() {
        assert_eq!(SMALL.element_height(), 30_000.0);
        let position = SMALL.after_scroll(ScrollPosition::default(), 45.0);
        assert_eq!(
            position,
            ScrollPosition {
                top: 45.0,
                scroll_top: 45.0
            }
        );
        assert_eq!(SMALL.visible_rows(position), (1, 11));
        assert_eq!(SMALL.first_row_offset(position), -15.0);
        assert_eq!(SMALL.after_scroll(position, 1e9).top, 29_700.0);
    }

    #[test]
    fn a_huge_table_moves_by_pixels_or_by_proportion() {
        assert_eq!(HUGE.element_height(), TALLEST);
        let wheel = HUGE.after_scroll(ScrollPosition::default(), 100.0);
        assert_eq!(wheel.top, 100.0);
        let middle = HUGE.after_scroll(wheel, (TALLEST - 300.0) / 2.0);
        assert_eq!(middle.top, (300_000_000.0 - 300.0) / 2.0);
        assert_eq!(
            HUGE.after_scroll(middle, TALLEST).top,
            300_000_000.0 - 300.0
        );
        assert_eq!(HUGE.after_scroll(middle, 0.0).top, 0.0);
    }

    #[test]
    fn the_last_row_can_be_reached_and_seen() {
        for geometry in [SMALL, HUGE] {
            let end = geometry.with_row_visible(ScrollPosition::default(), geometry.rows - 1);
            let (first, count) = geometry.visible_rows(end);
            assert_eq!(first + count, geometry.rows);
            assert!(
                (geometry.at(end.top).scroll_top - (geometry.element_height() - geometry.view))
                    .abs()
                    < 0.5
            );
        }
    }

    #[test]
    fn a_row_in_sight_moves_nothing() {
        let position = SMALL.at(600.0);
        assert_eq!(SMALL.with_row_visible(position, 25), position);
        assert_eq!(SMALL.with_row_visible(position, 19).top, 570.0);
        assert_eq!(SMALL.with_row_visible(position, 30).top, 630.0);
        assert_eq!(SMALL.with_row_visible(position, 500).top, 15_000.0 - 135.0);
        assert_eq!(SMALL.rows_per_page(), 9);
    }

    #[test]
    fn nothing_to_show_is_nothing() {
        let none = ScrollGeometry { rows: 0, ..SMALL };
        assert_eq!(none.visible_rows(none.at(50.0)), (0, 0));
        assert_eq!(
            none.after_scroll(ScrollPosition::default(), 10.0),
            ScrollPosition::default()
        );
    }
}
