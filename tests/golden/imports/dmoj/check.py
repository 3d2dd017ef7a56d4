from dmoj.result import CheckerResult
from dmoj.utils.unicode import utf8text


def check(process_output, judge_output, judge_input, point_value, submission_source, **kwargs):
    try:
        given = int(utf8text(process_output))
    except ValueError:
        return CheckerResult(False, 0, "no number")
    if given == int(judge_output):
        return True
    return CheckerResult(False, 0, "%d is not the square" % given)
