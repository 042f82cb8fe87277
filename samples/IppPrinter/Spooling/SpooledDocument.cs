namespace IppPrinter.Spooling;

/// <summary>A document in the spool folder.</summary>
internal sealed record SpooledDocument(string FileName, long Length, string MediaType);
