"""Pictures of change: each is laid out in millimetres of a page, then written as PNG and SVG."""

from topics.trends.plots.gallery import (
    COMPARISON_PLOTS,
    TREND_PLOTS,
    draw_comparison,
    draw_trends,
)

__all__ = ["COMPARISON_PLOTS", "TREND_PLOTS", "draw_comparison", "draw_trends"]
