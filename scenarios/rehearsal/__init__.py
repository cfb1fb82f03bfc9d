"""Single cases through the real code, without load: the phone, the pre-launch review, the writeback test."""
