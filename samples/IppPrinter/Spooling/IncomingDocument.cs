namespace IppPrinter.Spooling;

/// <summary>A document that a client sends.</summary>
/// <param name="Job">The number of its job.</param>
/// <param name="Number">Its own number in the job.</param>
/// <param name="Content">What the client sends.</param>
/// <param name="Format">What it says that it is.</param>
/// <param name="Compression">How it is compressed (RFC 8011 section 5.4.32).</param>
/// <param name="MayBeMissing">Whether there need not be any.</param>
/// <param name="IsWanted">Whether its job is still there.</param>
internal sealed record IncomingDocument(
    int Job, int Number, Stream Content, DocumentFormat? Format, string Compression, bool MayBeMissing, Func<bool> IsWanted);
