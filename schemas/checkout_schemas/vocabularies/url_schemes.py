"""URL schemes: which of them can belong to one mobile app, and which a browser or a system acts on itself."""

import re

WEB_SCHEMES = frozenset({"https", "http"})

SYSTEM_SCHEMES = frozenset(
    """
    about blob cid content data file filesystem its jar javascript livescript mailbox mhtml mid mk mocha res resource
    vbscript view-source wyciwyg

    brave browser devtools edge ext extension firefox firefox-focus googlechrome googlechromes iris opera opera-http
    opera-https safari-extension safari-resource safari-web-extension touch-http touch-https vivaldi x-safari-http
    x-safari-https x-web-search

    afp cifs dav davs dict dns finger ftp ftps git gopher imap imaps ipfs ipns irc ircs ldap ldaps magnet mms mmsh nfs
    news nntp pop pop3 rdp rlogin rmi rsync rtmp rtmps rtsp rtsps s3 sftp smb smtp snews ssh svn telnet tftp tn3270
    turn turns vnc wais webdav webdavs ws wss

    callto facetime facetime-audio facetime-prompt geo im maps mailto message mmsto sip sips skype sms smsto tel
    telprompt xmpp

    android-app android-resource app app-prefs app-settings appinstaller applescript calshow feed fido hcp help
    ical intent itms local macappstore market otpauth package pcast podcast prefs search search-ms settings shell
    shortcuts webcal webcals windowsdefender workflow x-help-action x-help-script x-man-page

    bitcoin bitcoincash dogecoin ethereum lightning litecoin monero openid openid4vp pay payto solana upi

    acct did doi http https null tag urn uuid
    """.split()
)
"""Schemes that never mean "open the seller's app", so that no policy can list one.

By paragraph: documents and scripts that run or read in the browser; a browser's own pages, and ways around a host
list (``x-safari-https:`` opens any address); network protocols; calls and messages; parts of Android, iOS, macOS and
Windows, such as ``intent:``, app stores and settings; wallets and sign-in, which any app may answer; and what names a
thing or a page of the web. Such a list is never complete: what protects the buyer is that an app's scheme must be
listed by the operator, and this one stops the known mistakes in doing so.
"""

_SYSTEM_FAMILIES = (
    "android-", "chrome", "com.apple.", "ext+", "itms-", "microsoft", "moz-", "ms-", "web+", "x-apple",
)  # fmt: skip
"""Beginnings that systems and browsers reserve. ``web+`` opens whichever website has registered for it."""

_APP_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,63}")
"""RFC 3986, section 3.1, in lower case and bounded. One letter alone is a drive on Windows."""


def scheme_of(url: str) -> str:
    """What stands before ``://``, in lower case, as every reader of URLs compares it; empty where nothing does."""
    scheme, separator, _rest = url.partition("://")
    return scheme.lower() if separator else ""


def is_app_scheme(scheme: str) -> bool:
    """Whether a scheme in lower case can be one app's own."""
    return (
        _APP_SCHEME.fullmatch(scheme) is not None
        and not scheme.startswith(_SYSTEM_FAMILIES)
        # Each part: ``git+ssh`` is one system scheme over another.
        and not any(part in SYSTEM_SCHEMES for part in scheme.split("+"))
    )
