"""Settings: `settings` says what there is, `load` reads files, `fields` says what texts can be."""

from topics.config.settings import (
    TORN,
    CacheSettings,
    ClusterSettings,
    ColumnSettings,
    Config,
    CorpusSettings,
    EmbedSettings,
    GuideSettings,
    GuideTopic,
    LabelSettings,
    LlmSettings,
    MapSettings,
    ReduceSettings,
    Section,
    TrendSettings,
)

__all__ = [
    "TORN",
    "CacheSettings",
    "ClusterSettings",
    "ColumnSettings",
    "Config",
    "CorpusSettings",
    "EmbedSettings",
    "GuideSettings",
    "GuideTopic",
    "LabelSettings",
    "LlmSettings",
    "MapSettings",
    "ReduceSettings",
    "Section",
    "TrendSettings",
]
