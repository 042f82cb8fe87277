namespace KestrelTlsUpgrade.FunctionalTests.Interop.Cups;

/// <summary>A document to print, unlike any other.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Content">Its octets.</param>
/// <param name="Text">A text in it.</param>
internal sealed record PrintedDocument(string Path, byte[] Content, string Text);
