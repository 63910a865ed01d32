"""What the operator is told, by key; one line each."""

from collections.abc import Mapping

OPERATOR_TEXTS: Mapping[str, str] = {
    "out_of_credits": "PixelDojo refuses jobs: the account is out of credits. Buy some on its API page.",
    "invalid_key": "PixelDojo does not accept PIXELDOJO_API_KEY. Write a valid one into .env and restart.",
    "api_address": "PIXELDOJO_API_URL does not answer as PixelDojo does when it is asked for its models:"
    " {problem}. Until it does, prices are guesses; whether jobs succeed each of them shows, and one that"
    " fails costs nobody anything. If this is no outage, correct the setting and restart.",
    "billed_beyond": "PixelDojo ended a job of {model} with a bill of {billed}; it took it for {cost}, and "
    "that is what its member paid. The rest is suspected drift: /usage report sums it up.",
    "same_name": "PixelDojo answered two submissions with the same job id, {name}. The second, {job}, is"
    " parked like one without an answer: its member pays only if its images turn up.",
    "parked_alike": "Submissions to {model} without an answer ({jobs}) and jobs on PixelDojo’s list"
    " ({entries}) ask for the same, but not beyond doubt: none was taken for another. /usage assign says"
    " whose it is.",
    "none_listed": "None of the models that {setting} names ({model}) is on PixelDojo’s list and can be used:"
    " whoever asks for one is refused, at no cost. Correct the setting and restart. If the list is what is"
    " wrong: it is read again every two minutes.",
    "model_gone": "PixelDojo no longer runs {model}: {failed} failed because of it, at no cost. New jobs go"
    " to {next} ({cost} an image); {model} is tried again every six hours. {setting} in .env decides.",
    "last_model_gone": "PixelDojo no longer runs {model}: {failed} failed because of it, at no cost. No other"
    " model is on offer, so new jobs are refused until it answers again. {setting} in .env decides what is on"
    " offer.",
    "model_suspect": "Two jobs in a row failed on {model} for no reason that was given, and none on another"
    " model. It stays on offer; {setting} in .env decides.",
    "model_repriced": "An image by {model}{options} costs {cost} now instead of {known}. You pay"
    " what it costs, and so do members; {setting} in .env decides what is on offer.",
    "cost_doubted": "PixelDojo took a job of {model} for {cost} in the place of {expected} ({job}). Its"
    " member pays that, if the images come. The old price stays for other jobs unless it happens again; for"
    " an hour none is sent whose member could not pay as much.",
    "model_ends": "The end of {model} is announced for {day} ({source}). You need not do anything: from then"
    " on it comes last, unless PIXELDOJO_MODELS or PIXELDOJO_GENERATE_MODELS in .env say otherwise, and a job"
    " that fails because of it costs nobody anything.",
    "model_ended": "The end of {model} was announced for {day} ({source}). You need not do anything: it is"
    " offered for as long as it answers. PIXELDOJO_MODELS and PIXELDOJO_GENERATE_MODELS in .env decide what"
    " is on offer.",
    "files_removed": "DATA_DIR’s {name} was removed or replaced while Darkroom ran: it stops. The last words"
    " of its log say where everything that was stored is.",
    "files_unreachable": "{problem} Jobs wait, or are refused at no cost; images wait at the provider.",
    "another_key": "This process has another PIXELDOJO_API_KEY than the one that worked before, and jobs are"
    " under way ({count}). If it is of the same account, you need not do anything. If not, they look gone and"
    " end at no cost to members, and the other account has paid: set the same key on every host.",
    "database_unusable": "{problem} Until it can be used again jobs wait, or are refused at no cost; finished"
    " images wait at the provider.",
    "storage_full": "DATA_DIR cannot be written. Free some space: finished images wait at the provider.",
}
