//! The arithmetic of a table with more rows than a browser can make tall: which rows a scroll position shows.
//!
//! A row has a place on a *strip* of rows × row height. Up to [`TALLEST`] the scrolled element is as tall as the strip. Beyond, it is
//! shorter: small movements go pixel by pixel, as a wheel or a finger expects; long ones, a dragged scroll bar, go by proportion.

/// The tallest element used, in pixels; browsers give up between 16 and 33 million.
pub const TALLEST: f64 = 8_000_000.0;

/// The measures of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScrollGeometry {
    /// Rows in all.
    pub rows: usize,
    /// Pixels a row.
    pub row: f64,
    /// Pixels of the visible part.
    pub view: f64,
}

/// Where a table stands.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Place {
    /// Pixels of the strip above the visible part.
    pub top: f64,
    /// The browser's own scroll position that goes with it.
    pub bar: f64,
}

#[allow(
    clippy::cast_precision_loss,
    reason = "rows are far fewer than the whole numbers an f64 holds"
)]
const fn float(n: usize) -> f64 {
    n as f64
}

impl ScrollGeometry {
    /// Height of the strip.
    pub fn strip(&self) -> f64 {
        float(self.rows) * self.row
    }

    /// Height of the element that is scrolled.
    pub fn height(&self) -> f64 {
        self.strip().min(TALLEST)
    }

    fn last_top(&self) -> f64 {
        (self.strip() - self.view).max(0.0)
    }

    fn last_bar(&self) -> f64 {
        (self.height() - self.view).max(0.0)
    }

    /// Whether the scroll bar stands for more than itself.
    pub fn scaled(&self) -> bool {
        self.strip() > TALLEST
    }

    /// The place after the browser moved its scroll bar to `bar`.
    pub fn moved(&self, from: Place, bar: f64) -> Place {
        let bar = within(bar, self.last_bar());
        if !self.scaled() {
            return Place { top: bar, bar };
        }
        let step = bar - from.bar;
        let top = if bar <= 0.0 {
            0.0
        } else if bar >= self.last_bar() {
            self.last_top()
        } else if step.abs() <= self.view * 2.0 {
            from.top + step
        } else {
            bar / self.last_bar() * self.last_top()
        };
        Place {
            top: within(top, self.last_top()),
            bar,
        }
    }

    /// The place that shows the strip from `top` on, with the scroll bar where it belongs.
    pub fn at(&self, top: f64) -> Place {
        let top = within(top, self.last_top());
        if !self.scaled() {
            return Place { top, bar: top };
        }
        Place {
            top,
            bar: top / self.last_top() * self.last_bar(),
        }
    }

    /// The nearest place that shows a row whole; a row far away comes to the middle.
    pub fn showing(&self, from: Place, row: usize) -> Place {
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

    /// The first visible row, and how many are visible at least in part.
    pub fn visible(&self, place: Place) -> (usize, usize) {
        if self.row <= 0.0 {
            return (0, 0);
        }
        let first = floor(place.top / self.row).min(self.rows);
        let end = floor((place.top + self.view) / self.row)
            .saturating_add(1)
            .min(self.rows);
        (first, end.saturating_sub(first))
    }

    /// Where the first visible row begins, relative to the visible part: nothing, or a part of a row above it.
    pub fn offset(&self, place: Place) -> f64 {
        float(self.visible(place).0) * self.row - place.top
    }

    /// Whole rows on a page, for the page keys.
    pub fn page(&self) -> usize {
        if self.row <= 0.0 {
            return 1;
        }
        floor(self.view / self.row).max(2).saturating_sub(1)
    }
}

/// A length between nothing and a limit. Not `clamp`, whose panic brings the whole printing of floats with it.
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
        assert_eq!(SMALL.height(), 30_000.0);
        let place = SMALL.moved(Place::default(), 45.0);
        assert_eq!(
            place,
            Place {
                top: 45.0,
                bar: 45.0
            }
        );
        assert_eq!(SMALL.visible(place), (1, 11));
        assert_eq!(SMALL.offset(place), -15.0);
        assert_eq!(SMALL.moved(place, 1e9).top, 29_700.0);
    }

    #[test]
    fn a_huge_table_moves_by_pixels_or_by_proportion() {
        assert_eq!(HUGE.height(), TALLEST);
        let wheel = HUGE.moved(Place::default(), 100.0);
        assert_eq!(wheel.top, 100.0);
        let middle = HUGE.moved(wheel, (TALLEST - 300.0) / 2.0);
        assert_eq!(middle.top, (300_000_000.0 - 300.0) / 2.0);
        assert_eq!(HUGE.moved(middle, TALLEST).top, 300_000_000.0 - 300.0);
        assert_eq!(HUGE.moved(middle, 0.0).top, 0.0);
    }

    #[test]
    fn the_last_row_can_be_reached_and_seen() {
        for measure in [SMALL, HUGE] {
            let end = measure.showing(Place::default(), measure.rows - 1);
            let (first, count) = measure.visible(end);
            assert_eq!(first + count, measure.rows);
            assert!((measure.at(end.top).bar - (measure.height() - measure.view)).abs() < 0.5);
        }
    }

    #[test]
    fn a_row_in_sight_moves_nothing() {
        let place = SMALL.at(600.0);
        assert_eq!(SMALL.showing(place, 25), place);
        assert_eq!(SMALL.showing(place, 19).top, 570.0);
        assert_eq!(SMALL.showing(place, 30).top, 630.0);
        assert_eq!(SMALL.showing(place, 500).top, 15_000.0 - 135.0);
        assert_eq!(SMALL.page(), 9);
    }

    #[test]
    fn nothing_to_show_is_nothing() {
        let none = ScrollGeometry { rows: 0, ..SMALL };
        assert_eq!(none.visible(none.at(50.0)), (0, 0));
        assert_eq!(none.moved(Place::default(), 10.0), Place::default());
    }
}
