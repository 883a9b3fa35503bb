"""A file in pieces."""

from topics.config import CorpusSettings
from topics.shards.clean import SplitFile


def test_pieces_come_in_the_order_of_the_file_however_many_there_are(tmp_path):
    task = SplitFile(tmp_path, "0" * 32, "a.jsonl", tmp_path / "a.jsonl", CorpusSettings(), 10)
    task.place.mkdir(parents=True)
    names = ["00000", "00002", "10001", "99999", "100000", "100001"]
    for name in names:
        (task.place / f"{name}.parquet").touch()
    assert [piece.stem for piece in task.pieces] == names
