using System.Text.Json.Serialization;

namespace JsonApi.Jobs;

/// <summary>A document that waits for its printer.</summary>
/// <param name="Id">Cannot be guessed: whoever has it may see the job.</param>
/// <param name="Printer">The name of the printer.</param>
/// <param name="Owner">Who sent it.</param>
/// <param name="Document">What is to be printed.</param>
public sealed record PrintJob(Guid Id, string Printer, string Owner, [property: JsonIgnore] ReadOnlyMemory<byte> Document)
{
    public int Length => Document.Length;
}
