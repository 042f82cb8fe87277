namespace IppPrinter.Ipp;

/// <summary>How a request was answered (RFC 8011 appendix B).</summary>
internal enum IppStatus : short
{
    Ok = 0x0000,
    OkIgnoredOrSubstitutedAttributes = 0x0001,
    BadRequest = 0x0400,
    NotAuthorized = 0x0403,
    NotPossible = 0x0404,
    Timeout = 0x0405,
    NotFound = 0x0406,
    RequestEntityTooLarge = 0x0408,
    RequestValueTooLong = 0x0409,
    DocumentFormatNotSupported = 0x040A,
    AttributesOrValuesNotSupported = 0x040B,
    CharsetNotSupported = 0x040D,
    ConflictingAttributes = 0x040E,
    CompressionNotSupported = 0x040F,
    CompressionError = 0x0410,
    DocumentFormatError = 0x0411,
    InternalError = 0x0500,
    OperationNotSupported = 0x0501,
    VersionNotSupported = 0x0503,
    TemporaryError = 0x0505,
    NotAcceptingJobs = 0x0506,
    Busy = 0x0507,
    JobCanceled = 0x0508,
    MultipleDocumentJobsNotSupported = 0x0509,
}
