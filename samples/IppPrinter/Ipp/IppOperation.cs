namespace IppPrinter.Ipp;

/// <summary>What a request asks for (RFC 8011 section 5.4.15, PWG 5100.7 and 5100.13).</summary>
internal enum IppOperation : short
{
    PrintJob = 0x0002,
    ValidateJob = 0x0004,
    CreateJob = 0x0005,
    SendDocument = 0x0006,
    CancelJob = 0x0008,
    GetJobAttributes = 0x0009,
    GetJobs = 0x000A,
    GetPrinterAttributes = 0x000B,
    CancelMyJobs = 0x0039,
    CloseJob = 0x003B,
    IdentifyPrinter = 0x003C,
}
